"""The whole chain on real vLLM, TRL and DeepSpeed, with a small random model; then what reruns after a change.

The tests share one run and leave it as it is: what goes on from it does so in a copy.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from interexter.answers.answering import Caps, Interview, asked_methods
from interexter.answers.schemas import ANSWERS, RECALL
from interexter.core.tables import read_rows, read_table
from interexter.engine.shards import shard
from interexter.injection.compose import EXAMPLES
from interexter.models.tokenizer import Tokenizer
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.metrics import METRIC_VALUES
from interexter.text.matching import holds

from .conftest import Study

pytestmark = pytest.mark.slow

REPORT = "results/report"
ANSWERS_OF_BASE = "answers/vital/seed-0/tiny/base.parquet"  # below results
WITHOUT_PROGRAM = {"config.log", "conditions/train.log", "conditions/test.log"}  # rules that write what the config says


def test_every_stage_leaves_its_outcome(smoke: Study) -> None:
    folder = smoke.folder / REPORT
    assert read_table(folder / "metrics.parquet", METRIC_VALUES).num_rows > 0
    assert read_table(folder / "comparisons.parquet", COMPARISONS).num_rows > 0
    assert "closed-book" in (folder / "index.html").read_text()
    assert set(json.loads((folder / "manifest.json").read_text())["models"]) == {"tiny"}


def test_each_engine_start_is_a_line_and_there_are_as_many_as_promised(smoke: Study) -> None:
    logs = [*(smoke.folder / "results/logs").rglob("*.log")]
    starts = {
        str(p.relative_to(smoke.folder / "results/logs")): p.read_text().count("engine start: vLLM") for p in logs
    }
    assert {name: n for name, n in starts.items() if n} == {
        "recall/vital/tiny.log": 1,
        "rationales/vital/seed-0/tiny.log": 1,
        "generate/vital/seed-0/tiny/base.log": 1,
        "generate/vital/seed-0/tiny/interexter-ft.log": 1,
    }


def test_every_log_ends_with_what_the_job_counted_and_how_long_it_took(smoke: Study) -> None:
    folder = smoke.folder / "results/logs"
    logs = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.log")}
    assert len(logs) == len(smoke.every_job()[0])
    assert {name for name, text in logs.items() if not text} == WITHOUT_PROGRAM
    logs = {name: text for name, text in logs.items() if text}
    counting = {name: text for name, text in logs.items() if name != "prepare_model/tiny.log"}  # which counts no rows
    assert len(counting) == len(logs) - 1
    assert [name for name, text in counting.items() if not re.search(r"\bn_\w+=\d", text)] == []
    assert [name for name, text in logs.items() if not re.search(r"\bseconds=\d", text)] == []


def test_no_prompt_under_the_strongest_condition_holds_a_gold_answer(smoke: Study) -> None:
    """Read the very tokens that the model saw, not what the injector says that it did."""
    results = smoke.folder / "results"
    examples = results / "examples/vital/seed-0/test.parquet"
    strongest = [row for row in read_rows(examples, EXAMPLES) if row["condition"] == "counter-replaced"]
    answers = read_rows(results / ANSWERS_OF_BASE, ANSWERS)
    seen = {
        row["question_id"]: row["prompt_tokens"]
        for row in answers
        if (row["method"], row["condition"]) == ("vanilla-rag", "counter-replaced")
    }
    assert seen
    memories = {
        row["question_id"]: row["internal_document"] for row in read_rows(results / "recall/vital/tiny.parquet", RECALL)
    }
    methods = asked_methods({"vanilla-rag": "ours"}, {}, Caps(4, 8))
    interview = Interview(
        examples, results / "evidence/vital/seed-0/tiny/test.parquet", memories, methods, shard("1-of-1")
    )
    prompts = [prompt for conversation in interview.conversations() for prompt in next(conversation)]
    tokenizer = Tokenizer(results / "models/tiny")
    asked = [tokenizer.prompt(prompt.messages) for prompt in prompts]
    assert len(asked) == sum(row["method"] == "vanilla-rag" for row in answers)
    shown = {row["question_id"]: row for row in strongest if row["question_id"] in seen}
    assert shown.keys() == seen.keys()
    for question_id, row in shown.items():
        [token_ids] = [ids for ids in asked[-len(shown) :] if row["question"] in tokenizer.text(ids)]
        assert seen[question_id] == len(token_ids)  # it is what was asked
        assert not holds(tokenizer.text(token_ids), row["answers"])


ADDED = "  counter-added: { count: 1, supporting: keep, position: first }\n"


def counted(study: Study, log: str, *names: str) -> list[int]:
    """Return numbers that a job's log gives."""
    text = study.log(log)
    return [int(re.search(rf"\b{name}=(\d+)", text)[1]) for name in names]  # type: ignore[index]


def test_one_condition_more_asks_its_new_prompts_only(copy: Study) -> None:
    log = "generate/vital/seed-0/tiny/base.log"
    known = sum(counted(copy, log, "found_in_store", "asked"))
    copy.edit("config/smoke.yaml", "\ntrain:\n", f"{ADDED}\ntrain:\n")
    copy.edit("config/smoke.yaml", "test:\n  conditions: [", "test:\n  conditions: [counter-added, ")
    copy.run(f"results/{ANSWERS_OF_BASE}")
    found, asked = counted(copy, log, "found_in_store", "asked")
    rows = read_rows(copy.folder / "results" / ANSWERS_OF_BASE, ANSWERS)
    new = [row for row in rows if row["condition"] == "counter-added" and row["method"] != "closed-book"]
    assert found == known
    assert 0 < asked == len(new)  # closed-book prompts are those of the other conditions


def test_a_second_start_finds_everything_in_the_store(copy: Study) -> None:
    answers = copy.folder / "results" / ANSWERS_OF_BASE
    before = answers.read_bytes()
    copy.run(f"results/{ANSWERS_OF_BASE}", "--forcerun", "generate")
    assert counted(copy, "generate/vital/seed-0/tiny/base.log", "asked", "engine_starts") == [0, 0]
    assert answers.read_bytes() == before


def test_what_the_store_has_lost_is_asked_again_and_comes_out_the_same(copy: Study) -> None:
    results = copy.folder / "results"
    answers = results / ANSWERS_OF_BASE
    before = answers.read_bytes()
    max((results / "store").rglob("*.parquet"), key=lambda part: pq.read_metadata(part).num_rows).unlink()
    answers.unlink()
    copy.run(f"results/{ANSWERS_OF_BASE}")
    assert all(counted(copy, "generate/vital/seed-0/tiny/base.log", "found_in_store", "asked"))
    assert answers.read_bytes() == before


def test_no_prompt_was_asked_twice(smoke: Study) -> None:
    """Neither by two jobs, nor for two conditions: closed-book prompts are the same under all."""
    folders = {path.parent for path in (smoke.folder / "results/store").rglob("*.parquet")}
    assert len(folders) == 2  # weights of the model, and of its checkpoint
    for folder in folders:
        keys = [key for path in folder.glob("*.parquet") for key in pq.read_table(path)["key"].to_pylist()]
        assert len(set(keys)) == len(keys) > 0


def test_the_checkpoint_was_trained_with_deepspeed_on_every_row(smoke: Study) -> None:
    rows = pq.read_table(smoke.folder / "results/training/vital/seed-0/tiny/interexter-ft.parquet").num_rows
    manifest = json.loads(
        (smoke.folder / "results/checkpoints/vital/seed-0/tiny/interexter-ft.manifest.json").read_text()
    )
    assert manifest["examples"] == rows
    assert manifest["recipe"]["ranks"] == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("methods: [closed-book,", "methods: [close-book,", "did you mean closed-book"),
        ("seed: 0\ndevice", "sede: 0\ndevice", "unknown key 'sede'; did you mean seed"),
        ("learning_rate: 1.0e-3", "learning_rate: 1e-3", "write 1.0e-5, not 1e-5"),
    ],
)
def test_a_wrong_config_ends_in_one_clear_line(smoke: Study, old: str, new: str, said: str) -> None:
    with smoke.changed("config/smoke.yaml", (old, new)):
        done = smoke.snakemake("--dry-run")
    assert done.returncode != 0
    said_at_all = done.stdout + done.stderr
    assert said in said_at_all
    assert "Traceback" not in said_at_all


def test_a_killed_run_leaves_no_lock_that_stops_the_next(copy: Study) -> None:
    """Kill a run in the middle of a job; the next one releases its lock, says so, and finishes."""
    (copy.folder / "results/report/metrics.csv").unlink()
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "config/smoke.yaml"]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    locks = copy.folder / ".snakemake/locks"
    killed = subprocess.Popen(
        command,
        cwd=copy.folder,
        start_new_session=True,
        env={"PATH": path},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (locks.is_dir() and any(locks.iterdir())):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    done = copy.snakemake()
    assert done.returncode == 0, done.stderr
    assert "left its lock" in done.stderr
    assert copy.planned() == {}
