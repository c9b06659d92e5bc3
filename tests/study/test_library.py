"""What a notebook finds: names, types, and the examples of docs/library.md."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import interexter
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"## ([^\n]+)\n\n```python\n(.*?)```", (ROOT / "docs/library.md").read_text(), re.DOTALL)
ANSWERS = """answer,gold,counter
The passages disagree. Final answer: Lima,Lima,Quito|Quito City
Final answer: Quito,Lima,Quito|Quito City
I do not know.,Oslo,Bergen
"""
SAID = {
    "Score a CSV of answers": r"accuracy 0\.33 \[0\.\d\d, 0\.\d\d\], 3 answers\n",
    "Inject counter-passages into questions": r"Oslo \[.*Oslo is the capital of Peru.*\]\nLima \[.*Lima.*Norway.*\]\n",
    "Compare two systems": r"\+0\.30 \[[+-]0\.\d\d, \+0\.\d\d\], p = 0\.\d{3}\n",
}


def test_the_examples_are_there() -> None:
    assert [title for title, _ in EXAMPLES] == list(SAID)


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_an_example_of_the_page_runs(title: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(ANSWERS)
    command, paths = [sys.executable, "-c", code], {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True, text=True)
    assert re.fullmatch(SAID[title], done.stdout), done.stderr


@pytest.mark.parametrize("name", interexter.__all__)
def test_a_name_is_there_and_described(name: str) -> None:
    found = getattr(interexter, name)
    assert name == "METRICS" or found.__doc__


def test_an_unknown_name_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'interexter' has no attribute 'lable'"):
        interexter.lable  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'lable'"):
        exec("from interexter import lable")


def test_type_checkers_are_told_the_same_places() -> None:
    stub = ast.parse(Path(str(interexter.__file__)).with_suffix(".pyi").read_text())
    told = {node.names[0].name: node.module for node in stub.body if isinstance(node, ast.ImportFrom)}
    assert told == interexter._HOMES


def test_importing_it_is_cheap() -> None:
    program = "import sys, interexter; print(*sys.modules)"
    paths = {"PYTHONPATH": str(ROOT / "workflow/scripts")}
    loaded = subprocess.run([sys.executable, "-c", program], env=paths, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "pandas", "pyarrow", "scipy", "interexter.core"} & {*loaded}


@pytest.mark.slow
def test_the_package_holds_the_files_that_are_no_python(tmp_path: Path) -> None:
    """Built as `pip install .` does, from a copy, since building leaves a folder behind."""
    import shutil
    import zipfile

    source = tmp_path / "source"
    shutil.copytree(ROOT / "workflow/scripts/interexter", source / "workflow/scripts/interexter")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path]
    subprocess.run([*command, source], check=True, capture_output=True)
    [wheel] = tmp_path.glob("interexter-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("interexter/")}
    library = ROOT / "workflow/scripts"
    ours = {path.relative_to(library).as_posix() for path in (library / "interexter").rglob("*") if path.is_file()}
    assert held == {name for name in ours if "__pycache__" not in name}
