"""Print the curve that a tracker has written down, [[step, loss], ...], read with the tracker's own means.

Run by the Python that has it: python tracked_curves.py TRACKER FOLDER
"""

import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

Curve = list[tuple[int, float]]


def tensorboard(folder: Path) -> Curve:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    [events] = folder.glob("tensorboard/**/events.out.tfevents.*")
    return [(one.step, one.value) for one in EventAccumulator(str(events)).Reload().Scalars("train/loss")]


def mlflow(folder: Path) -> Curve:
    from mlflow import MlflowClient

    client = MlflowClient((folder / "mlflow").absolute().as_uri())
    [run] = client.search_runs([client.get_experiment_by_name("interexter").experiment_id])
    return [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "loss")]


def wandb(folder: Path) -> Curve:
    from wandb.proto.wandb_internal_pb2 import Record

    [path] = folder.glob("wandb/offline-run-*/run-*.wandb")
    curve = []
    for record in map(Record.FromString, _log_records(path.read_bytes())):
        told = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        if "train/loss" in told:
            curve.append((told["train/global_step"], told["train/loss"]))
    return curve


def _log_records(data: bytes) -> Iterator[bytes]:
    """Yield the records of a run's file: a head of 7 bytes, then LevelDB's log format."""
    position, record = 7, b""
    while position < len(data):
        left = 32768 - position % 32768  # of this block; no head of a part is cut by its end
        if left < 7:
            position += left
            continue
        length, kind = struct.unpack_from("<HB", data, position + 4)
        record += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):  # a whole record, or the last part of one
            yield record
            record = b""


if __name__ == "__main__":
    tracker, folder = sys.argv[1:]
    print(json.dumps({"tensorboard": tensorboard, "mlflow": mlflow, "wandb": wandb}[tracker](Path(folder))))
