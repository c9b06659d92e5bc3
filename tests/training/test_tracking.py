"""Who watches a training: by the key `tracking`, offline, and without a trace in what is trained."""

import importlib.util
import os
from pathlib import Path

import pytest
import training_runs
from interexter.training import tracking
from training_runs import ROWS, Run

tiny = training_runs.tiny  # a fixture


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment of its own."""
    changed: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", changed)
    return changed


def test_all_write_below_one_folder_and_a_persons_settings_stay(tmp_path: Path, environment: dict[str, str]) -> None:
    environment["MLFLOW_TRACKING_URI"] = "https://mlflow.example"
    tracking.settle(["tensorboard", "mlflow"], tmp_path, "d/seed-0/m/r/0123")
    assert environment["TENSORBOARD_LOGGING_DIR"] == f"{tmp_path}/tensorboard/d/seed-0/m/r/0123"
    assert environment["MLFLOW_TRACKING_URI"] == "https://mlflow.example"
    assert "WANDB_DIR" not in environment
    tracking.settle(["wandb"], tmp_path, "d/seed-0/m/r/0123")
    assert (environment["WANDB_DIR"], environment["WANDB_MODE"]) == (str(tmp_path), "offline")


def test_nothing_is_made_where_nobody_watches(tmp_path: Path, environment: dict[str, str]) -> None:
    tracking.check([])
    tracking.settle([], tmp_path / "tracking", "r")
    assert not environment.keys() - {"PYTEST_CURRENT_TEST"}
    assert not (tmp_path / "tracking").exists()


@pytest.mark.slow
@pytest.mark.parametrize("tracker", ("tensorboard", "wandb", "mlflow"))
def test_a_training_is_watched_and_is_the_same_training(tracker: str, tmp_path: Path, tiny: Path) -> None:
    if importlib.util.find_spec(tracker) is None:
        pytest.skip(f"{tracker} is not installed: pip install {tracker}")
    runs = [Run(tmp_path / name, tiny, ROWS[:4], ranks=1, epochs=1, global_batch=2) for name in ("plain", "watched")]
    plain, watched = runs
    assert plain.finish() == 0, plain.log
    assert watched.finish("--tracking", tracker, "--tracking-folder", "tracking") == 0, watched.log
    assert (watched.manifest, watched.curve) == (plain.manifest, plain.curve)
    written = {path.name for path in (watched.folder / "tracking").rglob("*") if path.is_file()}
    shown = {"tensorboard": "events.out.tfevents.", "wandb": "run-", "mlflow": "loss"}[tracker]
    assert any(name.startswith(shown) for name in written), written
    assert not (plain.folder / "tracking").exists()
