"""`make compare`: two studies' folders in, a table of lines and a CSV out."""

import csv
import json
import subprocess
import sys
from pathlib import Path

from interexter.core.tables import write_rows
from interexter.scoring.judgements import LABELLED
from labelled_rows import labelled

ROOT = Path(__file__).parents[2]


def study(folder: Path, model: str, labels: str) -> Path:
    config = {
        "seed": 0,
        "seeds": [1],
        "datasets": {"vital": {}},
        "models": {model: {"kind": "random"}},
        "recipes": {},
        "generate": {"shards": 1},
    }
    results = folder / "results"
    (results / "report").mkdir(parents=True)
    (results / "config.json").write_text(json.dumps(config))
    (results / "report/metrics.parquet").write_bytes(b"")
    names = {"g": "gold", "c": "counter"}
    rows = [labelled(f"q{i}", names[label], model=model) for i, label in enumerate(labels)]
    write_rows(results / f"labels/vital/seed-1/{model}/base.parquet", rows, LABELLED)
    return folder


def compared(a: Path, b: Path | str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/compare_studies.py"), "--a", str(a), "--b", str(b), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_two_folders_are_compared(tmp_path: Path) -> None:
    a, b = study(tmp_path / "small", "m1", "gggggg"), study(tmp_path / "large", "m2", "ggcccc")
    done = compared(a, b, "--out", str(tmp_path / "out.csv"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("a is small, b is large")
    assert lines[2] == "vital, m1, base/vanilla-rag, clean  against  vital, m2, base/vanilla-rag, clean"
    # 4 of 6 questions are right in a alone: McNemar's p is 2 / 2^4
    assert lines[4].split()[:4] == ["accuracy_strict", "100.0", "33.3", "+66.7"]
    assert lines[4].split()[7] == "0.125"
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["metric"] for row in rows][:2] == ["accuracy_strict", "counter_rate"]
    assert (rows[0]["model_a"], rows[0]["model_b"], rows[0]["n"]) == ("m1", "m2", "6")


def test_a_metric_without_values_is_named(tmp_path: Path) -> None:
    a, b = study(tmp_path / "small", "m1", "gg"), study(tmp_path / "large", "m2", "gc")
    asked = ("--metric", "accuracy_strict", "benefit", "--out", str(tmp_path / "out.csv"))
    said = "On no question that both have is there a value of: benefit."
    assert said in compared(a, b, *asked).stdout.splitlines()
    assert "is there a value of" not in compared(a, b, *asked[:2], *asked[3:]).stdout


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    a = study(tmp_path / "a", "m", "g")
    for other, more, said in [
        (tmp_path, (), "there is no finished report. Run the study first."),
        ("", (), "B names no study: make compare A="),  # as make gives a variable that nobody set
        (a, (), "A and B are one study: name another"),
        (a, ("--only-a", "methd=x"), "write KEY=VALUE with a key among dataset, model"),
        (a, ("--only-a", "method=x"), "no series of one study is one of the other's: a has base/vanilla-rag"),
    ]:
        done = compared(a, other, *more)
        assert done.stderr.startswith("error: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
