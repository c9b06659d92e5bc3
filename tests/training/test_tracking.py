"""Who watches a training: by the key `tracking`, offline, and without a trace in what is trained."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import training_runs
from deployment import python_with
from interexter.core.errors import UserError
from interexter.training import tracking
from training_runs import ROWS, Run

tiny = training_runs.tiny  # a fixture
CURVES = Path(__file__).with_name("tracked_curves.py")
SHORT = {"ranks": 1, "epochs": 1, "global_batch": 2}


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


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Run:
    """A training that nobody watches."""
    run = Run(tmp_path_factory.mktemp("runs") / "plain", tiny, ROWS[:4], **SHORT)
    assert run.finish() == 0, run.log
    return run


@pytest.mark.slow
@pytest.mark.parametrize("package", ("tensorboard==2.21.0", "wandb==0.31.0", "mlflow==3.17.2"))
def test_a_watched_training_is_the_same_and_its_curve_is_read_back(
    package: str, tmp_path: Path, tiny: Path, plain: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, tracker = python_with(package), package.partition("==")[0]
    watched = Run(tmp_path / "watched", tiny, ROWS[:4], **SHORT)
    watched.command[:1] = python
    assert watched.finish("--tracking", tracker, "--tracking-folder", "tracking") == 0, watched.log
    assert (watched.manifest, watched.curve) == (plain.manifest, plain.curve)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    reading = [*python, str(CURVES), tracker, str(watched.folder / "tracking")]
    read = subprocess.run(reading, capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    shown = [(step, pytest.approx(loss, rel=1e-3)) for step, loss in json.loads(read.stdout)]
    assert [(row["step"], row["loss"]) for row in watched.curve] == shown


def test_what_is_not_installed_is_refused_with_what_to_do() -> None:
    with pytest.raises(UserError, match=r"mlflow_of_nobody is not installed .* \(pip install mlflow_of_nobody;"):
        tracking.check(["mlflow_of_nobody"])
