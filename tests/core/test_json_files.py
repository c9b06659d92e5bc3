"""JSON between stages: what was damaged is named, what was edited on purpose can be kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.core.json_files import read_json, write_json

VALUE = {"weights_id": "abc", "é": [1, 2.5, None, True], "source": {"kind": "local", "path": "a b"}}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(st.dictionaries(TEXTS.filter(lambda key: key != "checksum"), ANY))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_object_comes_back_without_its_checksum(tmp_path: Path, value: dict[str, Any]) -> None:
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
    assert list(json.loads((tmp_path / "a.json").read_text()))[-1] == "checksum"


def test_no_flipped_bit_changes_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, VALUE)
    whole = path.read_bytes()
    refused = 0
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            assert read_json(path) == VALUE
        except UserError as error:
            assert str(error).startswith(f"{path}: ")
            refused += 1
    assert refused > 6 * len(whole)  # the rest are blanks, and the checksum's own name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a readable JSON file"),
        ("[" * 100_000, "not a readable JSON file"),
        ('"é', "not a readable JSON file"),
        ("[1]", "expected a JSON object, found list"),
        ("{}", "there is no 'weights_id'"),
        ('{"weights_id": 1}', "there is no 'source'"),
        ('{"weights_id": 1, "source": NaN, "checksum": "0"}', "its content is not what its checksum says"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_fault(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UserError, match=rf"a\.json: {said}.*Delete it"):
        read_json(path, "weights_id", "source")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.json: not a readable JSON file .*No such file"):
        read_json(tmp_path / "a.json")


def test_an_edit_is_refused_until_the_checksum_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, VALUE)
    edited = json.loads(path.read_text()) | {"weights_id": "abd"}
    path.write_text(json.dumps(edited))
    with pytest.raises(UserError, match="to keep an edit, delete the line 'checksum'"):
        read_json(path)
    del edited["checksum"]
    path.write_text(json.dumps(edited))
    assert read_json(path) == VALUE | {"weights_id": "abd"}


def test_a_number_that_is_none_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []
