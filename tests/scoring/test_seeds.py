"""Mean and spread over seeds."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.scoring import seeds
from interexter.scoring.metrics import METRIC_VALUES

SCRIPT = Path(__file__).parents[2] / "tools/over_seeds.py"


def metric(seed: int, value: float | None, n: int, **other: Any) -> Row:
    texts = dict.fromkeys(
        ("dataset", "model", "checkpoint", "condition", "method", "prompt_set", "order", "slice"), "x"
    )
    return {**texts, "metric": "resistance", "seed": seed, "value": value, "low": value, "high": value, "n": n, **other}


def test_mean_and_spread_by_hand() -> None:
    rows = [metric(1, 0.2, 10), metric(2, 0.4, 8), metric(3, 0.6, 9), metric(4, None, 0), metric(1, 1.0, 3, method="y")]
    first, second = seeds.over_seeds(rows)
    # deviations -0.2, 0, 0.2: variance 0.08 / 2 = 0.04
    assert (first["seeds"], first["n"], first["lowest"], first["highest"]) == (3, 8, 0.2, 0.6)
    assert (first["mean"], first["deviation"]) == pytest.approx((0.4, 0.2))
    assert (second["method"], second["seeds"], second["deviation"]) == ("y", 1, None)


def test_a_metric_that_no_seed_has_is_null() -> None:
    [row] = seeds.over_seeds([metric(1, None, 0)])
    assert (row["seeds"], row["mean"], row["lowest"], row["n"]) == (0, None, None, 0)


def test_a_seed_that_comes_twice_is_refused() -> None:
    with pytest.raises(UserError, match="seed 1 comes twice"):
        seeds.over_seeds([metric(1, 0.2, 10), metric(1, 0.4, 10)])


def test_the_script_joins_files(tmp_path: Path) -> None:
    files = [tmp_path / f"{seed}.parquet" for seed in (1, 2)]
    for seed, file in enumerate(files, 1):
        write_rows(file, [metric(seed, seed / 4, 10)], METRIC_VALUES)
    command = [sys.executable, str(SCRIPT), "--out", str(tmp_path / "out.csv"), "--metrics", *map(str, files)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "over seeds: n_files=2 n_out=1\n", done.stderr
    with (tmp_path / "out.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["seeds"], row["mean"]) == ("2", "0.375")
