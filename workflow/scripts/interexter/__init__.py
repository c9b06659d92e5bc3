"""The library behind the workflow: packages in the order in which data flows, each importing only those below it.

    core < text < data < retrieval < models < engine < injection < answers < training < scoring < report < study

For notebooks and other harnesses, the names below are found here: `from interexter import label`. Each is imported
when it is asked for, since every program imports this module, and depends on what it imports. docs/library.md.
"""

from importlib import import_module
from typing import Any

_HOMES = {  # name: the module that defines it; __init__.pyi says the same to type checkers
    "METRICS": "scoring.metrics",
    "abstains": "text.abstention",
    "final_answer": "text.final_answers",
    "holds": "text.matching",
    "NotInjected": "injection.library",
    "inject": "injection.library",
    "label": "text.labels",
    "paired_difference": "scoring.significance",
    "share_interval": "scoring.intervals",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Return a name of the library from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    """List the names of the library, for completion in notebooks."""
    return sorted([*globals(), *_HOMES])
