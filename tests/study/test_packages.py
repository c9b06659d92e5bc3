"""An import is a promise to rerun: packages import those below them alone, and programs what they need alone."""

import ast
import importlib.util
from pathlib import Path

import pytest
from interexter.study.fingerprint import dependencies

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
LIBRARY = SCRIPTS / "interexter"
ORDER = [
    *("core", "text", "data", "retrieval", "models", "engine"),
    *("injection", "answers", "training", "scoring", "report", "study"),
]
MODULES = sorted(LIBRARY.rglob("*.py"))
PROGRAMS = sorted(SCRIPTS.glob("*.py"))
# What these do never changes with how answers are scored or shown, or with how a study is read and planned.
BEFORE_LABELS = [
    *("prepare_model", "prepare_dataset", "sample", "encode", "retrieve", "counters", "write_counters", "inject"),
    *("entail", "recall", "evidence", "rationales", "demonstrations", "training_rows", "finetune", "generate"),
]


def imported(path: Path) -> set[str]:
    """The absolute names that a module imports, wherever the import stands; `from a import b` gives a and a.b."""
    package = ".".join(path.relative_to(SCRIPTS).parts[:-1])
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package or None)
            names.update([base, *(f"{base}.{alias.name}" for alias in node.names)])
    return names


def packages_of(path: Path) -> set[str]:
    """The packages of ours that a module imports from."""
    parts = [name.split(".") for name in imported(path)]
    return {name[1] for name in parts if name[0] == "interexter" and len(name) > 1 and name[1] in ORDER}


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in LIBRARY.glob("*/__init__.py")} == set(ORDER)
    assert not imported(LIBRARY / "__init__.py") & {f"interexter.{name}" for name in ORDER}


def test_a_package_imports_only_those_below_it() -> None:
    for path in MODULES:
        own = path.relative_to(LIBRARY).parts[0]
        below = ORDER[: ORDER.index(own) + 1] if own in ORDER else []
        assert packages_of(path) <= set(below), path


def test_the_library_imports_no_program() -> None:
    outside = {program.stem for program in PROGRAMS} | {"program"}
    for path in MODULES:
        assert not {name.split(".")[0] for name in imported(path)} & outside, path
        assert "interexter.core.program" not in imported(path), path  # it would change a notebook's environment


@pytest.mark.parametrize("program", BEFORE_LABELS)
def test_what_runs_before_the_labels_depends_on_no_scoring_report_or_study(program: str) -> None:
    script = SCRIPTS / f"{program}.py"
    found = {path.relative_to(LIBRARY).parts[0] for path in dependencies(script) if LIBRARY in path.parents}
    assert not found & {"scoring", "report", "study"}


@pytest.mark.parametrize(
    "program", ["label", "citations", "aggregate", "summarize", "published_numbers", "publish", "publish_data"]
)
def test_numbers_do_not_depend_on_how_they_are_shown(program: str) -> None:
    found = {path.relative_to(SCRIPTS).as_posix() for path in dependencies(SCRIPTS / f"{program}.py")}
    assert not [name for name in found if name.startswith("interexter/report/")]


def test_vectors_do_not_depend_on_how_rankings_are_measured() -> None:
    found = {path.name for path in dependencies(SCRIPTS / "encode.py")}
    assert not found & {"ranking.py", "bm25.py", "fusion.py"}


READERS = {  # what reads JSON or Parquet by itself: the readers of core, and of what is not between stages
    *("core/json_files.py", "core/tables.py"),
    *("data/records.py", "data/vital/factbook.py", "engine/prompt_files.py", "study/locks.py"),  # of others, or checked
    *("models/configuration.py", "models/weights.py", "training/trainer.py"),  # a model's own files
    # What two processes say to each other:
    *("core/hub_files.py", "core/hub_client.py", "models/rendering.py", "models/sandbox.py"),
    "data/fetch.py",  # secrets of URLs, from the environment
    "data/list_texts.py",  # texts within records
}


def test_what_lies_between_stages_is_read_in_one_place() -> None:
    """A file that is read elsewhere is believed without a look at its checksum."""
    found = set()
    for path in [*MODULES, *PROGRAMS]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                module, name = node.func.value, node.func.attr
                if isinstance(module, ast.Name) and (
                    (module.id == "json" and name in ("load", "loads"))
                    or (module.id == "pq" and name in ("read_table", "read_metadata", "read_schema", "ParquetFile"))
                ):
                    found.add(path.relative_to(LIBRARY).as_posix() if LIBRARY in path.parents else path.name)
    assert found <= READERS
