"""What a config says of a base model's source: its kinds, the keys of each, and the checkpoints known by a name."""

import datetime
import re
from typing import Any

from ..core.errors import UserError
from . import endpoints

LOCAL = ("local", "local-adapter")  # kinds of source in a folder of this machine
ADAPTERS = ("local-adapter", "hub-adapter")  # those that are added to a study's model: weights of recipes, not models
CONVERTED = ("package", "random")  # kinds of source whose weights are written here; others are linked or a server's
DTYPES = ("bfloat16", "float32")
CHAT_KEYS = {"date", "enable_thinking"}  # how the model is spoken to, whatever its source
KEYS = {  # kind of source: (keys that it needs, keys that it may have)
    "package": ({"package", "version"}, {"dtype", *CHAT_KEYS}),
    "random": ({"package", "version", "seed"}, {"dtype", *CHAT_KEYS}),
    "local": ({"path"}, CHAT_KEYS),
    "hub": ({"repository", "revision"}, CHAT_KEYS),
    "published": ({"name", "revision"}, CHAT_KEYS),
    "local-adapter": ({"path"}, set()),  # it is spoken to as its base
    "hub-adapter": ({"repository", "revision"}, set()),
    endpoints.KIND: (endpoints.REQUIRED, endpoints.OPTIONAL),
}
_FORMS = {  # key: (what its text looks like, and that in words)
    "path": (r".+", "a folder"),
    "package": (r"[\w.-]+", "the name of a Python package"),
    "version": (r"[\w.+!-]+", "a version, in quotes"),
    "repository": (r"[\w.-]+/[\w.-]+", "owner/name"),
    "revision": (
        r"[0-9a-f]{40}",
        "a commit, the 40 hexadecimal digits from the repository's history, since branches and tags move",
    ),
    "name": (r".+", "a name of docs/models.md"),
}


# InstructRAG-FT of Llama-3-8B-Instruct (arXiv 2406.13629). Their commits are not known here: see docs/models.md.
PUBLISHED = {
    f"{dataset.lower()}-instructrag-ft": f"meng-lab/{dataset}-InstructRAG-FT"
    for dataset in ("PopQA", "TriviaQA", "NaturalQuestions", "ASQA", "2WikiMultiHopQA")
}


def check_source(source: dict[str, Any]) -> None:
    """Raise UserError unless the source has a known kind, that kind's keys and no others."""
    kind = source.get("kind")
    if kind not in KEYS:
        raise UserError(f"model source: kind is {kind!r}; expected one of {', '.join(sorted(KEYS))}.")
    if kind == "published":
        _check_published(source)
    required, optional = KEYS[kind]
    missing, odd = sorted(required - source.keys()), sorted(source.keys() - required - optional - {"kind"})
    if missing or odd:
        raise UserError(f"model source of kind {kind}: missing keys {missing}, unknown keys {odd}.")
    if source.get("dtype", DTYPES[0]) not in DTYPES:
        raise UserError(f"model source: dtype is {source['dtype']!r}; expected one of {', '.join(DTYPES)}.")
    for key in sorted(source.keys() & _FORMS):
        form, said = _FORMS[key]
        if not isinstance(source[key], str) or not re.fullmatch(form, source[key], re.DOTALL):
            raise UserError(f"model source of kind {kind}: {key} is {source[key]!r}; expected {said}.")
    if "seed" in source and (type(source["seed"]) is not int or not 0 <= source["seed"] < 2**32):
        raise UserError(
            f"model source of kind {kind}: seed is {source['seed']!r}; expected a number from 0 to 2^32 - 1."
        )
    if not isinstance(source.get("enable_thinking", False), bool):
        raise UserError(f"model source: enable_thinking is {source['enable_thinking']!r}; expected true or false.")
    if "date" in source and not _is_date(source["date"]):
        raise UserError(f"model source: date is {source['date']!r}; expected one such as 2024-07-26.")
    if kind == endpoints.KIND:
        endpoints.check(source)


def _is_date(value: Any) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _check_published(source: dict[str, Any]) -> None:
    name = source.get("name")
    if name not in PUBLISHED:
        raise UserError(f"model source: no published checkpoint {name!r}; there are {', '.join(PUBLISHED)}.")
    if "revision" not in source:
        raise UserError(
            f"model source: {name} needs its revision: the commit, 40 hexadecimal digits, from "
            f"https://huggingface.co/{PUBLISHED[name]}/commits/main."
        )
