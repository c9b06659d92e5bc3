"""The compiled copies of modules, which `make setup` makes, beside the sources that they are of."""

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import interexter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter import labels, matching

LIBRARY = Path(interexter.__file__).parent
PIECES = ["Paris", "the US", "u.s.", "US", "São Tomé", "O'Brien's", "1,234.5", "20th", "\u0130", "e\u0301", "no answer"]
PIECES += ["I don't know", "Final answer:", "**Answer:**", "not Paris", "\n", " ", ".", ",", "-", "a", "In", "India"]

Texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8)
text = st.builds(str.join, st.sampled_from(["", " "]), Texts)
names = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=4)
found = st.sampled_from(labels.LABELS)
answer = st.tuples(text, text, names, names, st.tuples(found, text), st.lists(names, max_size=2))

ARGUMENTS = {  # of every public function
    ("matching", "tokens"): (text,),
    ("matching", "tokens_folded"): (text,),
    ("matching", "holds"): (text, names),
    ("matching", "mentions"): (text, names),
    ("matching", "has_words"): (text,),
    ("matching", "nested"): (text, text),
    ("matching", "first_nested"): (names, names),
    ("matching", "joined"): (names,),
    ("matching", "same"): (text, text),
    ("matching", "abstains"): (text,),
    ("matching", "asserts"): (text, names),
    ("matching", "final_answer"): (text,),
    ("matching", "final_span"): (text,),
    ("matching", "fold"): (text,),
    ("labels", "label"): (text, names, names),
    ("labels", "official"): (text, names),
    ("labels", "str_em"): (text, st.lists(names, min_size=1, max_size=3)),
    ("labels", "exact_match"): (text, names),
    ("labels", "f1"): (text, names),
    ("labels", "attacked"): (text, text),
    ("labels", "follows"): (text, names, names),
    ("labels", "keeps_memory"): (found, text, found, text),
    ("labels", "normalized"): (text,),
    ("labels", "unpunctuated"): (text,),
}


@pytest.fixture(scope="module")
def sources() -> dict[str, ModuleType]:
    return {"matching": _loaded("matching"), "labels": _loaded("labels")}


def _loaded(name: str) -> ModuleType:
    """Load a module's source, under another name. What it imports of ours may be compiled."""
    spec = importlib.util.spec_from_file_location(f"interexter.{name}_source", LIBRARY / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("module", [matching, labels])
def test_the_compiled_copy_is_what_is_imported(module: ModuleType) -> None:
    assert Path(module.__file__ or "").suffix == ".so", "`make setup` compiles it; its output says why it could not"


def test_every_public_function_is_held_against_its_source(sources: dict[str, ModuleType]) -> None:
    public = {
        (name, function)
        for name, module in sources.items()
        for function, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__ and not function.startswith("_")
    }
    assert public == {*ARGUMENTS, ("labels", "judge")}


@pytest.mark.parametrize(("module", "name"), ARGUMENTS)
def test_the_compiled_copy_says_what_the_source_says(sources: dict[str, ModuleType], module: str, name: str) -> None:
    compiled = {"matching": matching, "labels": labels}[module]

    @settings(max_examples=300)
    @given(st.tuples(*ARGUMENTS[module, name]))
    def held(arguments: tuple[Any, ...]) -> None:
        assert getattr(compiled, name)(*arguments) == getattr(sources[module], name)(*arguments)

    held()


@given(st.lists(answer, max_size=6))
def test_the_compiled_copy_judges_as_the_source_does(
    sources: dict[str, ModuleType], answers: list[tuple[Any, ...]]
) -> None:
    columns = [list(column) for column in zip(*answers, strict=True)] or [[]] * 6
    assert labels.judge(*columns) == sources["labels"].judge(*columns)
