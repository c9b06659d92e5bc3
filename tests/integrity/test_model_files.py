"""Models that somebody else made: headers and configurations of every kind are read, or refused in one line."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interexter.core.errors import UserError
from interexter.models import configuration, sizes, sources, weights
from safetensors.numpy import save_file

CONFIG = {"vocab_size": 10, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1}
CONFIG |= {"max_position_embeddings": 16}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with weights and a configuration, and a tokenizer that is none."""
    model = tmp_path / "model"
    model.mkdir()
    tensors = {"model.layers.0.a.weight": np.ones((3, 4), np.float32), "b": np.zeros(5, np.float16)}
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    (model / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (model / "tokenizer.json").write_text("{}", encoding="utf-8")
    return model


def refused(do: Callable[[], Any]) -> str:
    """Return the line that something is refused with, "" where it is not."""
    try:
        do()
    except UserError as error:
        assert "\n" not in str(error) and len(str(error)) < 900
        return str(error)
    return ""


def tensor(**changes: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"[]", b"5", b"null", b"x", b'{"a"', b'"a"', b"\xff", b"[" * 100_000, b'{"a":' * 100_000),
        *(b'{"a": 1}', b'{"a": []}', b'{"a": {}}', b'{"a": null}'),
        *(tensor(data_offsets=o) for o in (None, [], [0], [0, 8, 9], [0, -8], [8, 0], ["0", "8"], [0, 8.0], [0, 1e99])),
        *(tensor(data_offsets=o) for o in ([4, 12], [0, 4], [0, 10**30], [True, 8], {"0": 8})),
        *(tensor(shape=s) for s in (None, 2, "2", [3], [-2], [2.0], [[2]], [2**40, 2**40], [10**30])),
        *(tensor(dtype=d) for d in (None, 5, "F33", "", [], "f32")),
        tensor() | {"b": tensor()["a"]},  # the same bytes twice
        tensor() | {"b": tensor(data_offsets=[100, 108])["a"]},
    ],
    ids=lambda header: repr(header)[:60],
)
def test_a_header_that_contradicts_itself_is_refused(folder: Path, header: Any) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "model.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    assert f"{path}: " in refused(lambda: weights.check_whole(folder))
    assert f"{path}: its header cannot be read" in refused(lambda: weights.shapes(folder)) or "header says" in refused(
        lambda: weights.shapes(folder)
    )


@pytest.mark.parametrize("length", [0, 1, 2**62, 2**64 - 1, 100_000_001])
def test_the_length_of_a_header_is_not_believed(folder: Path, length: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + path.read_bytes()[8:])
    assert "nothing that can be read" in refused(lambda: weights.check_whole(folder))


def test_flipped_bits_of_headers_are_read_or_refused_in_one_line(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = path.read_bytes()
    length = 8 + int.from_bytes(data[:8], "little")
    drawn = random.Random(3)
    refusals = 0
    for _ in range(400):
        changed = bytearray(data)
        changed[drawn.randrange(length)] ^= 1 << drawn.randrange(8)
        path.write_bytes(changed)
        refusals += bool(refused(lambda: weights.shapes(folder)))
    assert refusals > 250  # the others are in names and metadata, and in blanks


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"x", b"[]", b"5", b"null", b"{", b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"text_config": []}'),
        *(b'{"text_config": null}', b"{}", b'{"text_config": {}}', b'{"a": 1' + b"0" * 5000 + b"}"),
        *(json.dumps(CONFIG | {"vocab_size": v}).encode() for v in (None, 0, -1, "10", 1.5, True, [10], 10**30)),
        *(json.dumps(CONFIG | {"max_position_embeddings": v}).encode() for v in (None, 0, "16", {})),
    ],
    ids=lambda text: repr(text[:50]),
)
def test_a_configuration_that_is_none_is_refused(folder: Path, text: bytes) -> None:
    (folder / "config.json").write_bytes(text)
    said = refused(lambda: configuration.read(folder, "vocab_size", "max_position_embeddings"))
    assert said.startswith(f"{folder / 'config.json'}: ")
    assert refused(lambda: sources.check_folder(folder)).startswith(f"{folder / 'config.json'}: ")
    if b"max_position" not in text:
        assert refused(lambda: sizes.read_shape(folder))


def test_a_configuration_of_several_parts_gives_that_of_its_text(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"text_config": CONFIG}), encoding="utf-8")
    assert configuration.read(folder, "vocab_size") == CONFIG


@pytest.mark.parametrize(
    "text", [b"{}", b"", b"[]", b"\xff", b'{"model": 5}', b'{"version": "1.0", "model": {"type": "x"}}']
)
def test_a_tokenizer_that_is_none_is_refused(folder: Path, text: bytes) -> None:
    (folder / "tokenizer.json").write_bytes(text)
    assert str(folder) in refused(lambda: sources.check_folder(folder))
