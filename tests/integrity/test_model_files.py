"""Models that somebody else made: headers and configurations of every kind are read, or refused in one line."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chat_models
import numpy as np
import pytest
from interexter.core.errors import UserError
from interexter.models import configuration, sizes, sources, weights
from safetensors import safe_open
from safetensors.numpy import save_file

CONFIG = {"vocab_size": 10, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1}
CONFIG |= {"max_position_embeddings": 16}
INDEX = "model.safetensors.index.json"


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


A = json.dumps(tensor()["a"])


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
        *(tensor() | {"__metadata__": told} for told in ([], "a", {"a": 1})),
        *(f'{{"a": {A}, "a": {A}}}'.encode(), A.replace("8]", '8], "shape": [2]').join(('{"a": ', "}")).encode()),
        *(f'{{"__metadata__": {{}}, "__metadata__": {{}}, "a": {A}}}'.encode(), f'{{"\\ud800": {A}}}'.encode()),
        *(f'{{"a": {A}}}'.encode(code) for code in ("utf-8-sig", "utf-16", "utf-16-be")),
        A.replace("8]", '8], "x": NaN').join(('{"a": ', "}")).encode(),
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
        if refused(lambda: weights.shapes(folder)):
            refusals += 1
        else:
            with safe_open(path, "np") as opened:  # what passes here can be read
                assert opened.keys()
    assert refusals > 250  # the others are in names and metadata, and in blanks


def shards(folder: Path) -> dict[str, str]:
    """Share the folder's tensors among two files, without an index; return what an index would say."""
    (folder / "model.safetensors").rename(folder / "one.safetensors")
    save_file({"c": np.ones(2, np.float32)}, folder / "two.safetensors", metadata={"format": "pt"})
    return {"model.layers.0.a.weight": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"}


def test_an_index_of_all_tensors_is_taken_and_so_is_a_file_beside_it_that_it_does_not_name(folder: Path) -> None:
    placed = shards(folder)
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": 66}, "weight_map": placed}))
    weights.check_whole(folder)
    save_file({"c": np.ones(2, np.float32)}, folder / "consolidated.safetensors")
    weights.check_whole(folder)


@pytest.mark.parametrize(
    "change",
    [
        *({"c": name} for name in ("../two.safetensors", "/two.safetensors", "./two.safetensors", "", "config.json")),
        *({"c": name} for name in ("three.safetensors", "one.safetensors", None, 5, [], "a\nb", "x" * 5000)),
        {"absent": "two.safetensors"},
    ],
    ids=lambda change: repr(change)[:50],
)
def test_an_index_that_names_what_is_not_in_the_folder_is_refused(folder: Path, change: dict[str, Any]) -> None:
    """Transformers would read `../two.safetensors`, which no hash covers."""
    placed = shards(folder) | change
    (folder.parent / "two.safetensors").write_bytes((folder / "two.safetensors").read_bytes())
    (folder / INDEX).write_text(json.dumps({"weight_map": placed}), encoding="utf-8")
    said = refused(lambda: weights.check_whole(folder))
    assert said.startswith(f"{folder / INDEX}: the folder has no tensor ")


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"weight_map": null}', '{"weight_map": {}}', "[" * 100_000])
def test_an_index_that_is_none_is_refused(folder: Path, text: str) -> None:
    shards(folder)
    (folder / INDEX).write_text(text)
    assert refused(lambda: weights.check_whole(folder)).startswith(f"{folder / INDEX}: ")


def test_weights_of_two_kinds_are_refused_since_engines_differ_in_which_they_read(folder: Path) -> None:
    placed = shards(folder)
    save_file({"c": np.ones(2, np.float32)}, folder / "model.safetensors")
    (folder / INDEX).write_text(json.dumps({"weight_map": placed}))
    assert "two models" in refused(lambda: weights.check_whole(folder))
    (folder / INDEX).write_text(json.dumps({"weight_map": {"c": "model.safetensors"}}))
    weights.check_whole(folder)


@pytest.mark.parametrize("name", ["model-2.safetensors", "tokenizer.json", "chat_template.jinja"])
def test_a_link_that_leads_nowhere_is_refused_and_not_left_out(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("../blobs/gone")
    for read in (weights.weights_id, weights.check_whole, sources.check_folder):
        assert refused(lambda read=read: read(folder)).startswith(f"{folder / name}: a link that leads nowhere")


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


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        *(
            ({"rope_scaling": {"type": "linear", "factor": f}}, "a scaling by")
            for f in (None, "2", [], 0, -1, 0.5, True)
        ),
        *(({"rope_scaling": {"type": "linear", "factor": f}}, "a scaling by") for f in (float("nan"), 1e300, 10**30)),
        ({"rope_parameters": {"rope_type": "dynamic"}}, "a scaling by"),
        *(({"dtype": d}, "dtype is") for d in ("save", "float", "float99", 16, ["float16"], {"a": 1}, "\u2028float16")),
        *(({"torch_dtype": d}, "dtype is") for d in ("int8", "torch.float16")),
        *(({"head_dim": h}, "head_dim is") for h in (0, -1, "64", 1.5, True, [64], 10**30)),
    ],
)
def test_a_configuration_that_says_what_cannot_be_is_refused(folder: Path, changes: dict[str, Any], about: str) -> None:
    (folder / "config.json").write_text(json.dumps(CONFIG | changes), encoding="utf-8")

    def read() -> None:
        config = configuration.read(folder)
        configuration.context_length(config, folder)
        weights.dtype_of(folder)
        sizes.read_shape(folder)

    assert refused(read).startswith(f"{folder / 'config.json'}: {about}")


@pytest.mark.parametrize(
    "changes",
    [
        *({"architectures": named} for named in (None, [], "Llama", 5, [5], [None], {"a": 1})),
        *({"rope_scaling": scaled} for scaled in (None, {}, [], "linear", 5, {"type": "yarn"}, {"type": ["linear"]})),
    ],
)
def test_what_a_configuration_need_not_say_may_be_anything(folder: Path, changes: dict[str, Any]) -> None:
    (folder / "config.json").write_text(json.dumps(CONFIG | changes), encoding="utf-8")
    described = sources.manifest(folder, {}, None)
    assert (described["context_length"], described["architecture"]) == (16, None)


def test_a_configuration_of_several_parts_gives_that_of_its_text(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"text_config": CONFIG}), encoding="utf-8")
    assert configuration.read(folder, "vocab_size") == CONFIG


@pytest.mark.slow
@pytest.mark.parametrize("longest", ["many", [1], {"a": 1}])
def test_what_a_tokenizer_says_and_no_text_fits_is_refused(tmp_path: Path, longest: Any) -> None:
    model = chat_models.make(tmp_path / "model", "qwen")
    settings = json.loads((model / "tokenizer_config.json").read_text(encoding="utf-8"))
    (model / "tokenizer_config.json").write_text(json.dumps(settings | {"model_max_length": longest}), encoding="utf-8")
    assert "no tokenizer could be loaded from there" in refused(lambda: sources.check_folder(model))


@pytest.mark.parametrize(
    "text", [b"{}", b"", b"[]", b"\xff", b'{"model": 5}', b'{"version": "1.0", "model": {"type": "x"}}']
)
def test_a_tokenizer_that_is_none_is_refused(folder: Path, text: bytes) -> None:
    (folder / "tokenizer.json").write_bytes(text)
    assert str(folder) in refused(lambda: sources.check_folder(folder))
