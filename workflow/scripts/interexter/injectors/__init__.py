"""The injectors: how counter-passages of one kind are made. One file each, with one function `inject`.

    def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal

- `question`: a row of tables.QUESTIONS;
- `passages`: all its retrieved passages (tables.PASSAGE), by rank, each with its stance;
- `pools`: the gold answers of the split's questions, by relation and answer type;
- `rng`: the row's own generator; an injector draws from nothing else.

An injector is pure: it reads and writes no file and asks no other source of chance. It returns what
the passages now claim, and drafts in the order in which a dose takes them. The stage (counters.py)
gives the drafts their ids and their lineage, so that no injector can forget it. A kind named
`entity-substitution` in the config is the file `entity_substitution.py` here.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from ..errors import UserError
from ..stance import COUNTER
from ..tables import Row


class Alternative(NamedTuple):
    """An answer that other questions have as gold."""

    answer: str
    aliases: tuple[str, ...]  # its forms, itself first: what counts as this answer
    listed: tuple[str, ...]  # every name that some question lists with it; other valid answers may be among them


class Draft(NamedTuple):
    """A passage that an injector made, before it has an id: its words, its source and its stance."""

    title: str
    text: str
    parent: Row  # the retrieved passage that it was made from
    stance: str = COUNTER


class Injection(NamedTuple):
    """The counter-answer with all its forms (itself first), and the drafts that support it.

    No drafts means that the answer is known but no passage could carry it.
    """

    counter_answer: str
    counter_aliases: tuple[str, ...]
    drafts: tuple[Draft, ...]


class Refusal(NamedTuple):
    """Why a question gets no counter-answer: a short reason to count by, and what exactly was wrong."""

    reason: str
    detail: str


PoolKey = tuple[str, str]  # relation, answer type
Pools = Mapping[PoolKey, Sequence[Alternative]]
Injector = Callable[[Row, Sequence[Row], Pools, Random], Injection | Refusal]


def names() -> list[str]:
    """Return the names of all injectors, in order."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Injector:
    """Return the function of an injector; raise UserError with the nearest names if there is none such."""
    valid = names()
    if name not in valid:
        near = difflib.get_close_matches(name, valid, n=3, cutoff=0.4) or valid
        raise UserError(f"unknown injector {name!r}: did you mean {' or '.join(near)}? Injectors: {', '.join(valid)}.")
    module = importlib.import_module(f".{name.replace('-', '_')}", __name__)
    inject: Injector = module.inject
    return inject
