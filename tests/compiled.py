"""The modules that `make setup` compiles, as their sources are: to hold one against the other."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import interexter


@cache
def source_of(name: str) -> ModuleType:
    """Load a module's source, under another name. What it imports of ours may be compiled."""
    path = Path(interexter.__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"interexter.{name}_source", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
