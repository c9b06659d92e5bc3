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

A module with `SETTINGS = ("slight", "large")` is the kinds `my-injector.slight` and `my-injector.large`,
and its `inject` takes the setting as a fifth argument. One whose passages a model writes has a function
`write` in the place of `inject` (counter_memory.py). Five constants say what holds for all passages of
a kind: `NAMES_GOLD` (they name the gold answer), `FREE` (they are not made from a retrieved passage, so
they cannot take one's place), `NEEDS_PASSAGES` (it draws from `pools.passages`), `NEEDS_SHIPPED` (it asks
`pools.shipped`), `CHOOSES` (it decides the counter-answer by a rule of its own, so none can be chosen for it).
"""

import importlib
import pkgutil
from functools import cache, partial
from types import ModuleType

from ...core.errors import UserError, nearest
from ..drafts import Injector


def names() -> list[str]:
    """Return the names of all kinds, in order: injectors, each with each of its settings."""
    return [kind for name in _modules() for kind in _kinds(name)]


def load(kind: str) -> Injector:
    """Return the function of a kind; raise UserError with the nearest names if there is none such."""
    _, _, setting = kind.partition(".")
    loaded = module(kind)
    if not hasattr(loaded, "inject"):
        if not written(kind):
            raise UserError(
                f"injector {kind!r}: {file_of(kind)} has no function `inject`; docs/own-injector.md shows one"
            )
        raise UserError(f"injector {kind!r} needs a model: its counter-passages are written, not made by rule")
    inject: Injector = partial(loaded.inject, setting=setting) if setting else loaded.inject
    return inject


def module(kind: str) -> ModuleType:
    """Return the module of a kind; raise UserError with the nearest names if there is none such."""
    name = file_of(kind).removesuffix(".py")
    if name not in _modules() or kind not in _kinds(name):
        raise UserError(f"injector {kind!r} is unknown; {nearest(kind, names())}")
    return _module(name)


def file_of(kind: str) -> str:
    """Return the name of the file that a kind is made by."""
    return f"{kind.partition('.')[0].replace('-', '_')}.py"


def written(kind: str) -> bool:
    """Tell whether a model writes the passages of a kind."""
    return hasattr(module(kind), "write")


def names_gold(kind: str) -> bool:
    """Tell whether the passages of a kind name the gold answer."""
    return getattr(module(kind), "NAMES_GOLD", False)


@cache
def free(kind: str) -> bool:
    """Tell whether the passages of a kind are made from no retrieved one."""
    return getattr(module(kind), "FREE", False)


def needs_passages(kind: str) -> bool:
    """Tell whether a kind draws from passages of other questions."""
    return getattr(module(kind), "NEEDS_PASSAGES", False)


def needs_shipped(kind: str) -> bool:
    """Tell whether a kind takes what the data set itself holds against its gold answers."""
    return getattr(module(kind), "NEEDS_SHIPPED", False)


def chooses(kind: str) -> bool:
    """Tell whether a kind decides the counter-answer itself."""
    return getattr(module(kind), "CHOOSES", False)


@cache
def _modules() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def _kinds(name: str) -> list[str]:
    kind = name.replace("_", "-")
    settings: tuple[str, ...] = getattr(_module(name), "SETTINGS", ())
    return [f"{kind}.{setting}" for setting in settings] or [kind]


def _module(name: str) -> ModuleType:
    return importlib.import_module(f".{name}", __name__)
