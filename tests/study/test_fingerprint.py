"""The fingerprint of a script: every import of ours is followed, and only what code does counts."""

import ast
import importlib.util
import os
from collections.abc import Callable
from itertools import count
from modulefinder import ModuleFinder
from pathlib import Path

import pytest
from interexter.study.fingerprint import dependencies, fingerprint

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
REAL = sorted(SCRIPTS.rglob("*.py"))
FILES = {
    "main.py": '"""A script."""\nimport json\nfrom pack import a\nimport pack.deep.e as e\n\nprint(a.f(1))\n',
    "pack/__init__.py": '"""A package."""\n',
    "pack/a.py": (
        '"""A module."""\n\nimport os\n\nLIMIT = 10\n\n\nclass C:\n    """A class."""\n\n    kind = "c"\n\n\n'
        'async def g():\n    """Wait."""\n    return None\n\n\n'
        'def f(x):\n    """Add."""\n    # lazily\n    from .sub.b import thing\n\n    return x + thing + LIMIT\n'
    ),
    "pack/sub/__init__.py": "READY = True\n",
    "pack/sub/b.py": "from .. import c\nfrom ..d import *\n\nthing = c.VALUE\n",
    "pack/c.py": "VALUE = 1\n",
    "pack/d.py": "try:\n    import numpy\nexcept ImportError:\n    from pack.sub import late\n",
    "pack/sub/late.py": "X = 'text'\n",
    "pack/deep/__init__.py": "",
    "pack/deep/e.py": "if True:\n    from ..f import name_in_f\n",
    "pack/f.py": "name_in_f = 0\n",
    "pack/unused.py": "from . import a\n",
    "other.py": "import pack.c\n",
}
Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write FILES, some of them changed by (old, new), to a fresh folder; return its main.py."""
    numbers = count()

    def write(**changes: tuple[str, str]) -> Path:
        root = tmp_path / f"tree {next(numbers)}"
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            old, new = changes.get(name, ("", ""))
            assert old in text, "the change changes nothing"
            path.write_text(text.replace(old, new, 1) if old else text + new)
        return root / "main.py"

    return write


def names(found: set[Path], root: Path) -> set[str]:
    return {path.relative_to(root.resolve()).as_posix() for path in found}


def test_imports_of_all_kinds_are_followed(tree: Tree) -> None:
    main = tree()
    assert names(dependencies(main), main.parent) == FILES.keys() - {"pack/unused.py", "other.py"}
    assert names(dependencies(main.with_name("other.py")), main.parent) == {"other.py", "pack/__init__.py", "pack/c.py"}


SAME = {
    "a comment": ("pack/a.py", ("# lazily", "# only when it is called")),
    "a docstring of a module": ("pack/a.py", ('"""A module."""', '"""Another text,\n\nlonger."""')),
    "a docstring of a class": ("pack/a.py", ('"""A class."""', "'''Its name is C.'''")),
    "a docstring of a function": ("pack/a.py", ('"""Add."""', '"""Add up."""')),
    "a docstring of a coroutine": ("pack/a.py", ('"""Wait."""', '"""Do not wait."""')),
    "no docstring": ("pack/a.py", ('"""Add."""\n', "\n")),
    "a new docstring": ("pack/c.py", ("VALUE", '"""Values."""\n\nVALUE')),
    "line breaks": ("pack/a.py", ("x + thing + LIMIT", "(\n        x + thing\n        + LIMIT\n    )")),
    "blank lines": ("pack/a.py", ("LIMIT = 10", "\n\n\nLIMIT  =  10")),
    "quotes": ("pack/sub/late.py", ("'text'", '"text"')),
    "an unused module": ("pack/unused.py", ("", "X = 1\n")),
    "another script": ("other.py", ("", "X = 1\n")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_nothing_does_not_count(name: str, tree: Tree) -> None:
    path, change = SAME[name]
    assert fingerprint(tree(**{path: change})) == fingerprint(tree())


DIFFERENT = {
    "the script": ("main.py", ("f(1)", "f(2)")),
    "a constant": ("pack/a.py", ("10", "11")),
    "an operator": ("pack/a.py", ("x + thing", "x - thing")),
    "a default": ("pack/a.py", ("def f(x)", "def f(x=None)")),
    "a name": ("pack/a.py", ("class C", "class D")),
    "a text": ("pack/a.py", ('"c"', '"d"')),
    "a statement": ("pack/a.py", ("", "f(3)\n")),
    "another import": ("pack/a.py", ("import os", "import re")),
    "the kind of a number": ("pack/c.py", ("1", "1.0")),
    "a number for a truth": ("pack/c.py", ("1", "True")),
    "a package": ("pack/__init__.py", ("", "X = 1\n")),
    "a package on the way": ("pack/deep/__init__.py", ("", "X = 1\n")),
    "a package on the way of a relative import": ("pack/sub/__init__.py", ("True", "False")),
    "a module imported lazily": ("pack/sub/b.py", ("c.VALUE", "-c.VALUE")),
    "a module of the package above": ("pack/c.py", ("1", "2")),
    "a module imported as a whole": ("pack/d.py", ("", "X = 1\n")),
    "a module that is a fallback": ("pack/sub/late.py", ("text", "test")),
    "a module below a condition": ("pack/f.py", ("0", "1")),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_code_does_counts(name: str, tree: Tree) -> None:
    path, change = DIFFERENT[name]
    assert fingerprint(tree(**{path: change})) != fingerprint(tree())


def test_times_of_files_do_not_count(tree: Tree) -> None:
    one, other = tree(), tree()
    for path in other.parent.rglob("*.py"):
        os.utime(path, (1, 1))
    assert fingerprint(one) == fingerprint(other)


def test_several_scripts_in_any_order(tree: Tree) -> None:
    main = tree()
    other = main.with_name("other.py")
    assert fingerprint(main, other) == fingerprint(other, main) == fingerprint(main, other, main)
    assert len({fingerprint(main), fingerprint(other), fingerprint(main, other)}) == 3
    assert len(fingerprint(main)) == 16


def ours_by_modulefinder(script: Path) -> set[Path]:
    """The files below SCRIPTS that Python's own finder reaches from a script: it reads byte code, we read syntax."""
    finder = ModuleFinder(path=[str(SCRIPTS)])
    finder.run_script(str(script))
    return {Path(m.__file__).resolve() for m in finder.modules.values() if m.__file__}  # type: ignore[attr-defined]


def test_the_scripts_are_there() -> None:
    assert {"generate.py", "rationales.py", "recall.py", "training_rows.py"} <= {p.name for p in SCRIPTS.glob("*.py")}


def test_the_dependencies_of_every_script_are_what_pythons_finder_finds() -> None:
    for script in SCRIPTS.glob("*.py"):
        found = dependencies(script)
        assert found == ours_by_modulefinder(script), script
        assert (len(found) > 1) == ("interexter" in script.read_text()), script  # or both might find nothing
        assert len(fingerprint(script)) == 16


def imported_by_importlib(path: Path) -> set[Path]:
    """The files of ours that the imports of a file name, wherever they stand, as importlib resolves them."""
    parts = path.relative_to(SCRIPTS).with_suffix("").parts
    package = ".".join(parts[:-1])
    wanted: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            absolute = importlib.util.resolve_name(base, package or None)
            wanted |= {absolute, *(f"{absolute}.{alias.name}" for alias in node.names)}
    found = set()
    for name in wanted:
        if name.split(".")[0] != "interexter":
            continue
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:  # a name inside a module
            continue
        if spec and spec.origin:
            source = SCRIPTS.joinpath(*name.split(".")).with_suffix(".py")
            found.add(source if spec.origin.endswith(".so") else Path(spec.origin).resolve())
    return found


def test_every_import_of_ours_is_followed() -> None:
    for path in REAL:
        assert imported_by_importlib(path) <= dependencies(path), path


def test_only_methods_injectors_and_layouts_are_loaded_by_name() -> None:
    # A module that is loaded by name is seen by no fingerprint: the rules add those of these three folders. What the
    # library itself finds by name is for notebooks.
    loading = {p.relative_to(SCRIPTS).as_posix() for p in REAL if "import_module(" in p.read_text()}
    folders = {"answers/methods", "data/layouts", "injection/injectors"}
    assert loading == {"interexter/__init__.py", *(f"interexter/{folder}/__init__.py" for folder in folders)}
