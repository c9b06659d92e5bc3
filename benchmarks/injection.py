"""Measure injection and gates: examples a second on one core and peak memory, for growing numbers of examples.

Questions and passages are made up: 5 passages of about 100 words for each question, two of which support the gold
answer. Injection and gates then run on them twice, on one core: as the functions that the library offers, on rows in
memory, which is what the rate aimed at is about; and as the two programs of the workflow (counters, inject), one after
the other, with reading, writing and the start of Python, which is what the memory aimed at is about.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from interexter.core import tables
from interexter.core.identity import content_id
from interexter.core.tables import Row
from interexter.data.questions import Questions
from interexter.data.schemas import QUESTIONS, RETRIEVED
from interexter.injection import compose, counters, gates, injectors

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow/scripts"
TARGET_RATE = 5000  # examples a second
TARGET_MEMORY = 2048  # MiB
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # Snakemake sets them for these rules
RELATIONS = 20
TOP = 3  # passages that are shown
ALONE = 10_000  # examples that the functions are timed on, at most: they are in memory together


class Measured(NamedTuple):
    """What a program took."""

    core: float  # seconds of the core, which other programs on the machine do not lengthen
    clock: float  # seconds by the clock
    peak: float  # MiB


def main() -> None:
    """Make the data for each number of examples, run the two programs, print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--kind", default="entity-substitution", help="an injector's name")
    parser.add_argument("--folder", type=Path, help="where the data goes (default: a temporary folder)")
    args = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        in_memory = min(ALONE, max(args.rows))
        make(Path(folder), in_memory)
        alone = functions(Path(folder), args.kind)
    print(f"functions alone, {in_memory} examples: {alone:.0f} a second")
    print(f"{'examples':>10} {'counters':>9} {'inject':>9} {'clock':>9} {'a second':>9} {'peak MiB':>9}")
    met = alone >= TARGET_RATE
    for rows in args.rows:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            make(Path(folder), rows)
            parts = run(Path(folder), args.kind)
        rate = rows / sum(part.core for part in parts)
        peak = max(part.peak for part in parts)
        met = met and peak <= TARGET_MEMORY
        seconds = " ".join(f"{part.core:>8.1f}s" for part in parts)
        clock = sum(part.clock for part in parts)
        print(f"{rows:>10} {seconds} {clock:>8.1f}s {rate:>9.0f} {peak:>9.0f}", flush=True)
    aims = f"functions {TARGET_RATE} a second, programs {TARGET_MEMORY} MiB"
    print(f"aims: {aims}: {'met' if met else 'NOT MET'}")
    sys.exit(0 if met else 1)


def functions(folder: Path, kind: str) -> float:
    """Return the examples a second of core time that injection, composing and gates take, on rows in memory."""
    questions = tables.read_rows(folder / "questions.parquet", QUESTIONS)
    retrieved = tables.read_rows(folder / "retrieved.parquet", RETRIEVED)
    began = time.process_time()
    pools = counters.split_pools(questions)
    asked = Questions(lambda: questions)
    setting = compose.condition("bench", "all", "replace", "first")
    inject = injectors.load(kind)
    drawn, _ = counters.draw(questions, pools, retrieved, kind, inject, seed=0)
    examples, _ = compose.compose(questions, retrieved, drawn, setting, TOP, seed=0)
    passed, refused = gates.gate(examples, retrieved, gold_free=True, questions=asked)
    seconds = time.process_time() - began
    tables.assert_none_lost([example["question_id"] for example in examples], passed, refused)
    return len(questions) / seconds


def run(folder: Path, kind: str) -> list[Measured]:
    """Run counters and inject on the data in `folder`."""
    everyone, conditions = folder / "questions.parquet", folder / "conditions.json"
    replaced = {"kind": kind, "count": "all", "supporting": "replace", "position": "first"}
    conditions.write_text(
        json.dumps({"bench": {**replaced, "sources": "all", "counter_to": "gold", "counter_answer": "random"}})
    )
    given: list[str | Path] = ["--questions", everyone, "--all-questions", everyone]
    given += ["--retrieved", folder / "retrieved.parquet", "--conditions", conditions, "--seed", "0"]
    shown: list[str | Path] = ["--split", "test", "--passages", str(TOP), "--order", "best-first"]

    def out(name: str) -> list[str | Path]:
        return ["--out", folder / f"{name}.parquet", "--rejected", folder / f"{name}.rejected.parquet"]

    return [
        _timed("counters.py", *given, *out("rules")),
        _timed("inject.py", *given, *shown, "--counters", folder / "rules.parquet", *out("examples")),
    ]


def make(folder: Path, rows: int) -> None:
    """Write `rows` questions and what was retrieved for them."""
    with (
        tables.Writer(folder / "questions.parquet", QUESTIONS) as questions,
        tables.Writer(folder / "retrieved.parquet", RETRIEVED) as retrieved,
    ):
        for number in range(rows):
            question = _question(number)
            questions.write(question)
            retrieved.write({"question_id": question["question_id"], "passages": list(_passages(question))})


def _question(number: int) -> Row:
    rng = random.Random(number)
    subject, answer = f"{_name(rng)} {_name(rng)}", f"{_name(rng)} {_name(rng)}"
    relation = f"relation {number % RELATIONS}"
    return {
        "question_id": content_id(number),
        "dataset": "bench",
        "split": "test",
        "question": f"Which {relation} does {subject} have?",
        "answers": [answer, answer.split()[0]],
        "subject": subject,
        "relation": relation,
        "answer_type": "name",
        "popularity": float(number),
    }


def _passages(question: Row) -> Iterator[Row]:
    """Yield 5 passages of about 100 words; the second and the third support the gold answer."""
    rng = random.Random(question["question_id"])
    for rank in range(1, 6):
        words = [_WORDS[int(len(_WORDS) * rng.random() ** 3)] for _ in range(90)]
        if rank in (2, 3):
            words[20:20] = [*question["subject"].split(), "has", "as", question["relation"], question["answers"][0]]
        text = " ".join(words).capitalize() + "."
        yield {
            "passage_id": content_id([question["subject"], text]),
            "title": question["subject"],
            "text": text,
            "rank": rank,
            "file_rank": None,
            "score": 10.0 - rank,
            "origin": "retrieved",
            "stance": "supporting" if rank in (2, 3) else "irrelevant",
            "counter_answer": None,
            "injector": None,
            "seed": None,
            "parent_id": None,
            "source_id": None,
        }


def _name(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(3)).capitalize()


_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_WORDS = ["the", "of", "and", "in", *(f"{a}{b}" for a in _SYLLABLES for b in _SYLLABLES)]


def _timed(script: str, *arguments: str | Path) -> Measured:
    """Run a program; raise CalledProcessError if it fails."""
    command = [sys.executable, str(SCRIPTS / script), *map(str, arguments)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
