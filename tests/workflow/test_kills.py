"""Kill a whole run at random moments, again and again: what it ends with is what an undisturbed run ends with."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from .conftest import Study

pytestmark = [pytest.mark.slow, pytest.mark.long]

KILLS = {"training": 5, "generation": 7, "tables": 8}  # 20 together
STAGES = {"finetune.py": "training"} | dict.fromkeys(("generate.py", "recall.py", "rationales.py"), "generation")
NOT_HIT = {"with_gpus.py", "prepare_model.py"}
LONGEST = {"training": 12.0, "generation": 12.0, "tables": 0.4}  # seconds into a job's life in which it may be hit
STORE_EVERY = 3
SECONDS = 5400


def live(group: int) -> dict[str, list[str]]:
    """Return the running programs of ours by name, with their command lines, of a process group."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().split("\0")
            if os.getpgid(int(process.name)) != group:
                continue
        except OSError:
            continue  # it ended while we looked
        if Path(words[0]).name.startswith("python"):
            found |= {Path(word).name: words for word in words if re.search(r"workflow/scripts/\w+\.py$", word)}
    return {name: words for name, words in found.items() if name not in NOT_HIT}


def stored(study: Study) -> int:
    """Count the generations in the store; a part that is not whole would not be read."""
    return sum(pq.read_table(path).num_rows for path in (study.folder / "results/store").rglob("*.parquet"))


def said_to_be_generated(study: Study, words: list[str]) -> int:
    """Return how many generations the log of a job says that it has stored."""
    costs = Path(words[words.index("--costs") + 1]).relative_to("results")
    stage = costs.parts[0].replace("answers", "generate")
    name = "/".join(costs.parts[1:]).removesuffix(".costs.json").removesuffix("/self")
    path = study.folder / f"results/logs/{stage}/{name}.log"
    counts = re.findall(r"generated (\d+), \d+ to go", path.read_text()) if path.is_file() else []
    return int(counts[-1]) if counts else 0


def is_table(path: Path) -> bool:
    """Say whether a file is a table between stages, not of costs or times, nor a part of the store."""
    times = (".log.parquet", ".speed.parquet")
    return "store" not in path.parts and path.name != "costs.parquet" and not path.name.endswith(times)


def killed(study: Study, left: Counter[str], draw: random.Random, until: float) -> str | None:
    """Run the study, kill it in a job of a stage that has kills left and name the job; None if it ends by itself."""
    before = stored(study)
    run = subprocess.Popen(
        study.command(config="config/kills.yaml"),
        cwd=study.folder,
        env=study.environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    passed: set[str] = set()  # jobs that this run lets go
    while run.poll() is None:
        assert time.monotonic() < until, f"kills left: {left}"
        time.sleep(0.02)
        for name, words in live(run.pid).items():
            stage = STAGES.get(name, "tables")
            if not left[stage] or name in passed:
                continue
            if stage == "tables" and draw.random() < 0.5:
                passed.add(name)
                continue
            time.sleep(draw.uniform(0, LONGEST[stage]))
            if name not in live(run.pid):
                continue
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            if stage == "generation":
                assert stored(study) >= before + said_to_be_generated(study, words)
            return name
    assert run.returncode == 0, f"a run failed, kills left: {left}"
    return None


def test_20_kills_leave_the_tables_of_an_undisturbed_run(smoke: Study, tmp_path: Path) -> None:
    study = Study(tmp_path / "project")
    config = yaml.safe_load((study.folder / "config/smoke.yaml").read_text())
    config["engine"]["store_every"] = STORE_EVERY
    (study.folder / "config/kills.yaml").write_text(yaml.safe_dump(config))
    compared = [p.relative_to(smoke.folder) for p in (smoke.folder / "results").rglob("*.parquet") if is_table(p)]
    compared.append(Path("results/report/metrics.csv"))
    assert len(compared) > 30
    draw, left, until = random.Random(0), Counter(KILLS), time.monotonic() + SECONDS
    while left.total():  # on a fast machine a chain ends with kills left, and a new one takes them
        for folder in ("results", ".snakemake"):
            shutil.rmtree(study.folder / folder, ignore_errors=True)
        while name := killed(study, left, draw, until):
            left[STAGES.get(name, "tables")] -= 1
        for path in compared:
            assert (study.folder / path).read_bytes() == (smoke.folder / path).read_bytes(), path
