"""The compiled copies of modules, which `make setup` makes, beside the sources that they are of."""

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compiled import source_of
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter import gates, labels, matching

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


@pytest.mark.parametrize("module", [matching, labels, gates])
def test_the_compiled_copy_is_what_is_imported(module: ModuleType) -> None:
    assert Path(module.__file__ or "").suffix == ".so", "`make setup` compiles it; its output says why it could not"


def test_every_public_function_is_held_against_its_source() -> None:
    public = {
        (name, function)
        for name in ("matching", "labels", "gates")
        for function, one in inspect.getmembers(source_of(name), inspect.isfunction)
        if one.__module__ == source_of(name).__name__ and not function.startswith("_")
    }
    # Gates are held against their source where there are faults for each: test_gate_properties.py.
    assert public == {*ARGUMENTS, ("labels", "judge"), ("gates", "gate")}


@pytest.mark.parametrize(("module", "name"), ARGUMENTS)
def test_the_compiled_copy_says_what_the_source_says(module: str, name: str) -> None:
    compiled = {"matching": matching, "labels": labels}[module]

    @settings(max_examples=300)
    @given(st.tuples(*ARGUMENTS[module, name]))
    def held(arguments: tuple[Any, ...]) -> None:
        assert getattr(compiled, name)(*arguments) == getattr(source_of(module), name)(*arguments)

    held()


@given(st.lists(answer, max_size=6))
def test_the_compiled_copy_judges_as_the_source_does(answers: list[tuple[Any, ...]]) -> None:
    columns = [list(column) for column in zip(*answers, strict=True)] or [[]] * 6
    assert labels.judge(*columns) == source_of("labels").judge(*columns)
