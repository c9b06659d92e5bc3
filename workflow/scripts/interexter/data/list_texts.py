"""Lists that stand in a text, as JSON writes them or as Python prints them: so a cell of a table holds one."""

import ast
import io
import json
import re
import tokenize
from itertools import pairwise
from typing import Any

_LIST = re.compile(r"\s*\[.*\]\s*", re.DOTALL)
_MEANT_AS_LIST = re.compile(r"\s*\[\s*[\[{'\"]")


def of_text(text: str) -> list[Any] | None:
    """Return the list that a text holds, None where it holds none; raise ValueError on one that cannot be read."""
    if not _LIST.fullmatch(text):
        return None
    try:
        return list(json.loads(text, parse_constant=lambda name: None))
    except ValueError:
        if not _MEANT_AS_LIST.match(text):
            return None
    try:
        if not _lacks_commas(text):
            return list(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError):
        pass
    raise ValueError(f"{text[:60]!r} is a list neither of JSON nor of Python (an array of numpy?)")


def _lacks_commas(text: str) -> bool:
    """Tell an array as numpy prints it, whose texts Python would join to one."""
    types = [token.type for token in tokenize.generate_tokens(io.StringIO(text.strip()).readline)]
    types = [kind for kind in types if kind != tokenize.NL]
    return any(one == other == tokenize.STRING for one, other in pairwise(types))
