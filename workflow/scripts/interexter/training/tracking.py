"""Who watches a training, beside its tables: TensorBoard, Weights & Biases, MLflow, by the Trainer's own means.

What they show decides nothing of a checkpoint, so it is no part of a recipe and of what a training is known by.
"""

import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

from ..core.errors import UserError


def check(names: Iterable[str]) -> None:
    """Raise UserError where a tracker's package is not installed in this Python."""
    if missing := [name for name in names if importlib.util.find_spec(name) is None]:
        raise UserError(
            f"tracking: {', '.join(missing)} is not installed where trainings run. Add it (pip install "
            f"{' '.join(missing)}; with conda to envs/train.yaml), or take it out of `tracking` of the config."
        )


def settle(names: Iterable[str], folder: Path, run: str) -> None:
    """Set what trackers read of the environment; call it before a trainer is made. What a person has set stays.

    Args:
        names: as in the config; each is also the name of its package.
        folder: below which they write, unless a person's environment names a server.
        run: the name of the training, with slashes, and what tells it from others of that name.
    """
    place = folder.absolute()
    settings = {
        "tensorboard": {"TENSORBOARD_LOGGING_DIR": str(place / "tensorboard" / run)},
        "wandb": {
            "WANDB_MODE": "offline",  # nothing leaves a machine unasked, and a job has nobody to log in
            "WANDB_DIR": str(place),
            "WANDB_PROJECT": "interexter",
            "WANDB_CONSOLE": "off",  # our log is a file already
            "WANDB_ERROR_REPORTING": "false",
        },
        "mlflow": {
            # Trainings write at once, perhaps from several nodes: a database in one file asks much of a shared disk.
            "MLFLOW_TRACKING_URI": (place / "mlflow").as_uri(),
            "MLFLOW_ALLOW_FILE_STORE": "true",
            "MLFLOW_EXPERIMENT_NAME": "interexter",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        },
    }
    for name in names:
        place.mkdir(parents=True, exist_ok=True)
        for key, value in settings[name].items():
            os.environ.setdefault(key, value)
