"""Paths in errors: as they are found from where the code is, whatever folder a job runs in."""

import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core.root_paths import from_root

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("error: ../../data/q.csv: record 3", "error: data/q.csv: record 3"),
        (
            "no '../../data/q.csv', see results/data/d/card.json.",
            "no 'data/q.csv', see studies/a/results/data/d/card.json.",
        ),
        ("../../../elsewhere/q.csv", "../elsewhere/q.csv"),
        ("/data/results/q.csv, x/../../y, my-results/q, q.csv", "/data/results/q.csv, x/../../y, my-results/q, q.csv"),
    ],
)
def test_a_path_is_said_from_where_the_code_is(
    said: str, read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "studies/a"
    study.mkdir(parents=True)
    monkeypatch.chdir(study)
    assert from_root(said, tmp_path) == read
    for elsewhere in (tmp_path, tmp_path.parent):
        monkeypatch.chdir(elsewhere)
        assert from_root(said, tmp_path) == said


def test_a_program_says_a_file_of_its_study_so(tmp_path: Path) -> None:
    """prepare_dataset once said `./../../data/questions.csv`."""
    link = ROOT / "studies" / tmp_path.name
    link.mkdir(parents=True)
    try:
        program = "from interexter.core.errors import UserError; from interexter.core.program import run\n"
        program += "from interexter.data import records; from pathlib import Path\n"
        program += "run(lambda: list(records.read(Path('.'), '../../no-such.csv')))"
        done = subprocess.run([sys.executable, "-c", program], cwd=link, capture_output=True, text=True, check=False)
    finally:
        link.rmdir()
    assert done.stderr.startswith("error: no-such.csv: could not be read:")
