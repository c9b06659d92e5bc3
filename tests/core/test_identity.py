"""Content hashes and row generators: the same on every machine, in every order."""

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.identity import canonical_json, content_id, file_id, row_random, row_seed

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_canonical_json_is_sorted_compact_and_plain_unicode() -> None:
    value = {"b": [1, 2.5, None, True], "a": {"z": "é", "y": 'a "b"\n'}}
    assert canonical_json(value) == '{"a":{"y":"a \\"b\\"\\n","z":"é"},"b":[1,2.5,null,true]}'
    assert canonical_json((1, (2,))) == "[1,[2]]"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_canonical_json_refuses_what_json_cannot_say(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


@given(JSON)
def test_canonical_json_loses_nothing(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(TEXT, JSON))
def test_the_order_of_keys_does_not_count(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)
    assert content_id(turned) == content_id(value)


def test_known_hashes_stay() -> None:
    # Whoever changes these orphans every store and every id of every finished run.
    assert content_id({"b": 1, "a": "é"}) == hashlib.blake2b('{"a":"é","b":1}'.encode(), digest_size=16).hexdigest()
    assert content_id({"b": 1, "a": "é"}) == "bca252ac1b47464aee081f73d65d1904"
    assert row_seed(42, "inject", "q1") == 2689412011868443509
    assert row_random(42, "inject", "q1").random() == 0.35580722432998335


def test_the_order_of_items_and_the_kind_of_a_number_count() -> None:
    values = [[1, 2], [2, 1], [1.0, 2], ["1", 2], {"1": 2}, [[1], 2]]
    assert len({content_id(v) for v in values}) == len(values)


def test_hashes_do_not_depend_on_the_process() -> None:
    program = "from interexter.core.identity import *; print(content_id({'a': [1, 'x']}), row_seed(7, 's', 'r'))"
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {f"{content_id({'a': [1, 'x']})} {row_seed(7, 's', 'r')}"}


def test_file_id_is_of_the_bytes_alone(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000  # more than one read
    one, other = tmp_path / "one", tmp_path / "two.bin"
    one.write_bytes(content)
    other.write_bytes(content)
    assert file_id(one) == file_id(other) == hashlib.blake2b(content, digest_size=16).hexdigest()
    other.write_bytes(content[:-1] + b"\0")
    assert file_id(one) != file_id(other)


@given(st.integers(), TEXT, TEXT)
def test_row_seeds_fit_a_signed_64_bit_column(seed: int, stage: str, row: str) -> None:
    assert 0 <= row_seed(seed, stage, row) < 2**63


def test_row_seeds_depend_on_seed_stage_and_row_and_on_where_they_part() -> None:
    given_ = [(1, "a", "b"), (2, "a", "b"), (1, "b", "b"), (1, "a", "c"), (1, "ab", ""), (1, "", "ab"), (11, "", "ab")]
    assert len({row_seed(*g) for g in given_}) == len(given_)


@given(st.permutations(range(12)))
def test_what_a_row_draws_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    expected = {i: row_random(3, "stage", f"q{i}").random() for i in range(12)}
    generators = {i: row_random(3, "stage", f"q{i}") for i in order}  # all open at once, drawn from in this order
    assert {i: generators[i].random() for i in order} == expected


def test_row_random_leaves_the_global_generator_alone() -> None:
    state = random.getstate()
    row_random(1, "s", "r").random()
    assert random.getstate() == state
