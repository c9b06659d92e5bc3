"""The compiled copy of matching.py, which `make setup` makes, beside the source that it is of."""

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import interexter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter import matching

SOURCE = Path(interexter.__file__).with_name("matching.py")
PIECES = ["Paris", "the US", "u.s.", "US", "São Tomé", "O'Brien's", "1,234.5", "20th", "\u0130", "e\u0301", "no answer"]
PIECES += ["I don't know", "Final answer:", "**Answer:**", "not Paris", "\n", " ", ".", ",", "-", "a", "In", "India"]

Texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8)
text = st.builds(str.join, st.sampled_from(["", " "]), Texts)
names = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=4)

ARGUMENTS = {  # of every public function
    "tokens": (text,),
    "tokens_folded": (text,),
    "holds": (text, names),
    "mentions": (text, names),
    "has_words": (text,),
    "nested": (text, text),
    "first_nested": (names, names),
    "joined": (names,),
    "same": (text, text),
    "abstains": (text,),
    "asserts": (text, names),
    "final_answer": (text,),
    "final_span": (text,),
    "fold": (text,),
}


@pytest.fixture(scope="module")
def source() -> ModuleType:
    spec = importlib.util.spec_from_file_location("matching_source", SOURCE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_compiled_copy_is_what_is_imported() -> None:
    assert Path(matching.__file__).suffix == ".so", "`make setup` compiles it; its output says why it could not"


def test_every_public_function_is_held_against_its_source(source: ModuleType) -> None:
    functions = inspect.getmembers(source, lambda member: inspect.isfunction(member))
    public = {name for name, one in functions if one.__module__ == source.__name__ and not name.startswith("_")}
    assert public == set(ARGUMENTS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_compiled_copy_says_what_the_source_says(source: ModuleType, name: str) -> None:
    @settings(max_examples=300)
    @given(st.tuples(*ARGUMENTS[name]))
    def held(arguments: tuple[object, ...]) -> None:
        assert getattr(matching, name)(*arguments) == getattr(source, name)(*arguments)

    held()
