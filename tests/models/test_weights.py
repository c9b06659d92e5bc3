"""Weights that were cut off are told from whole ones by their header, changed ones by their hash."""

from pathlib import Path

import numpy as np
import pytest
from interexter.core.errors import UserError
from interexter.models.weights import check, check_whole, weights_id
from safetensors.numpy import save_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    weights = {"a": np.ones((3, 4), np.float32), "b": np.zeros(5, np.float16)}
    save_file(weights, model / "model.safetensors", metadata={"format": "pt"})
    return model


@pytest.mark.parametrize("kept", [0, 4, 20, -1])
def test_weights_that_were_cut_off_are_named_with_what_to_do(folder: Path, kept: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"model\.safetensors: \d+ bytes.*Delete .*model and .*manifest\.json and run"):
        check_whole(folder)


@pytest.mark.parametrize("change", ["a bit", "a file more", "a file less", "no folder"])
def test_other_files_than_those_of_the_manifest_are_refused(folder: Path, change: str) -> None:
    (folder / "config.json").write_text("{}")
    expected = weights_id(folder)
    check(folder, expected)
    (folder / "README.md").write_text("decides nothing")
    check(folder, expected)
    path = folder / "model.safetensors"
    if change == "a bit":
        path.write_bytes(path.read_bytes()[:-1] + b"\1")
    elif change == "a file more":
        (folder / "generation_config.json").write_text("{}")
    elif change == "a file less":
        (folder / "config.json").unlink()
    else:
        folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UserError, match=r"model: .*its manifest says .*Delete .*model and .*manifest\.json and run"):
        check(folder, expected)
