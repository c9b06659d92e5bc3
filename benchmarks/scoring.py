"""Time the scoring of made-up answers: labels of every method and condition, then all metrics and comparisons.

Runs label.py and aggregate.py as the workflow does, two label jobs at a time. Prints the seconds that
passed, those of the cores, answers a second, and the largest memory of a process, for ten thousand, a
hundred thousand and a million answers. Of few answers most of the time is the start of Python.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from interexter.answers.answering import ANSWERS
from interexter.answers.evidence import EVIDENCE
from interexter.answers.recall import RECALL
from interexter.core.program import run
from interexter.core.tables import Row, write_rows
from interexter.data.schemas import PARTS
from interexter.injection.compose import EXAMPLES

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow/scripts"
SIZES = (10_000, 100_000, 1_000_000)
CORES = 2
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # Snakemake sets them for these rules
CONDITIONS = ("clean", "replaced")
METHODS = ("closed-book", "vanilla-rag", "interexter-icl", "instructrag-icl", "vote")
SERIES = {"dataset": "d", "model": "m", "methods": {"base": METHODS}, "conditions": CONDITIONS}
SYLLABLES = ("ba", "den", "gor", "il", "ka", "lun", "mar", "no", "per", "ri", "sta", "to", "ul", "ven", "wic", "za")


def main() -> None:
    """Time each size in a folder that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of answers")
    args = parser.parse_args()
    print("  answers  label s  aggregate s  core s  answers/s  peak MiB", flush=True)
    for size in args.sizes:
        with tempfile.TemporaryDirectory(prefix="bench-score-") as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            labelled, aggregated = _timed(Path(folder), size)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        figures = f"{labelled:>8.1f} {aggregated:>12.1f} {cores:>7.1f} {size / (labelled + aggregated):>10,.0f}"
        print(f"{size:>9,} {figures} {after.ru_maxrss // 1024:>9,}", flush=True)  # peak of the largest process so far


def _timed(folder: Path, size: int) -> tuple[float, float]:
    """Return the seconds of labelling and of aggregating `size` answers; making them up does not count."""
    questions = size // (len(CONDITIONS) * len(METHODS))
    _write(folder, questions)
    began = time.monotonic()
    with ThreadPoolExecutor(CORES) as jobs:
        labels = list(jobs.map(lambda job: _label(folder, *job), [(m, c) for m in METHODS for c in CONDITIONS]))
    labelled = time.monotonic()
    (folder / "series.json").write_text(json.dumps(SERIES))
    command = ["--series", str(folder / "series.json")]
    command += ["--seed", "0", "--control", CONDITIONS[0], "--reference", "vanilla-rag", "--labels", *map(str, labels)]
    for name in ("metrics.csv", "metrics.parquet", "comparisons.parquet"):
        command += [f"--{name.removesuffix('.parquet').replace('.', '-')}", str(folder / name)]
    _run("aggregate.py", command)
    return labelled - began, time.monotonic() - labelled


def _label(folder: Path, method: str, condition: str) -> Path:
    out = folder / "labels" / method / f"{condition}.parquet"
    command = ["--answers", str(folder / "answers" / method / f"{condition}.parquet"), "--out", str(out)]
    for name in ("examples", "evidence"):
        command += [f"--{name}", str(folder / name / f"{condition}.parquet")]
    command += ["--recall", str(folder / "recall.parquet"), "--parts", str(folder / "parts.parquet")]
    command += ["--dataset", "d", "--model", "m", "--checkpoint", "base"]
    command += ["--method", method, "--prompt-set", "ours", "--order", "given", "--seed", "0"]
    _run("label.py", command)
    return out


def _run(script: str, arguments: list[str]) -> None:
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD})


def _write(folder: Path, questions: int) -> None:
    """Write the inputs of label.py: four aliases a question, answers of some fifty words."""
    names = [
        (_names(random.Random(f"names {i}"), 4), _names(random.Random(f"counter {i}"), 2)) for i in range(questions)
    ]
    recalled = (
        {"question_id": _id(i), "closed_book_answer": gold[i % 2], "internal_document": ""}
        for i, (gold, _) in enumerate(names)
    )
    write_rows(folder / "recall.parquet", recalled, RECALL)
    write_rows(folder / "parts.parquet", [], PARTS)
    for condition in CONDITIONS:
        examples = (_example(i, condition, gold, counter) for i, (gold, counter) in enumerate(names))
        write_rows(folder / "examples" / f"{condition}.parquet", examples, EXAMPLES)
        write_rows(folder / "evidence" / f"{condition}.parquet", _evidence(questions, condition), EVIDENCE)
        for method in METHODS:
            answers = _answers(names, condition, method)
            write_rows(folder / "answers" / method / f"{condition}.parquet", answers, ANSWERS)


def _example(i: int, condition: str, gold: list[str], counter: list[str]) -> Row:
    about: Row = {"question_id": _id(i), "condition": condition, "question": "?", "subject": "", "passages": []}
    about |= {"relation": f"relation {i % 16}", "popularity": 10.0 ** (i % 6)}
    return about | {"answers": gold, "counter_answer": counter[0], "counter_aliases": counter}


def _evidence(questions: int, condition: str) -> Iterator[Row]:
    for i in range(questions):
        clean, known = condition == CONDITIONS[0], i % 2 == 0
        state = ("both" if known else "external") if clean else ("internal" if known else "neither")
        about = {"question_id": _id(i), "condition": condition, "memory_gold": known, "memory_counter": False}
        about |= {"closed_book_label": "gold" if known else "neither", "state": state}
        yield about | {"passages_gold": clean, "passages_counter": not clean}


def _answers(names: list[tuple[list[str], list[str]]], condition: str, method: str) -> Iterator[Row]:
    rng = random.Random(f"{condition} {method}")
    words = [name.lower() for name in _names(rng, 2000)]
    for i, (gold, counter) in enumerate(names):
        final = rng.choice(
            (gold[0], gold[1], counter[0], f"It is {gold[2]}.", "I don't know", rng.choice(words).title())
        )
        said = " ".join(rng.choices(words, k=40))
        text = f"The documents say: {said}, and the other one names {counter[0]}.\nFinal answer: {final}"
        about = {"question_id": _id(i), "condition": condition, "text": text, "final_answer": final}
        yield about | {"prompt_tokens": 300, "output_tokens": 60, "log_probability": None}


def _names(rng: random.Random, count: int) -> list[str]:
    def word() -> str:
        return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title()

    return [" ".join(word() for _ in range(rng.randint(1, 3))) for _ in range(count)]


def _id(i: int) -> str:
    return f"{i:032x}"


if __name__ == "__main__":
    run(main, job=False)
