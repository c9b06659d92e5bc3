"""Time the scoring of made-up answers: the labels of a checkpoint, then all metrics and comparisons.

Runs label.py, aggregate.py and summarize.py as the workflow does, for one checkpoint with all its methods and
conditions. Prints the seconds that each took, those of the cores, answers a second, and the largest memory of a
process, for ten thousand, a hundred thousand and a million answers. Of few answers most of the time is the start
of Python. With `--conditions 100` as many answers are those of a hundred conditions: every series has results of its
own, some 93 metrics and 6 comparisons, which then cost more than the answers.
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
from pathlib import Path
from typing import Any

from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL
from interexter.core.program import run
from interexter.core.tables import Row, Writer, write_rows
from interexter.data.schemas import PARTS, QUESTIONS
from interexter.injection.compose import EXAMPLES
from interexter.study import layout

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow/scripts"
SIZES = (10_000, 100_000, 1_000_000)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # Snakemake sets them for these rules
CONTROL = "clean"
METHODS = ("closed-book", "vanilla-rag", "interexter-icl", "instructrag-icl", "vote")
DATASET, MODEL = "d", "m"
Options = dict[str, Any]  # of a program, by their names without dashes
SYLLABLES = ("ba", "den", "gor", "il", "ka", "lun", "mar", "no", "per", "ri", "sta", "to", "ul", "ven", "wic", "za")


def main() -> None:
    """Time each size in a folder that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of answers")
    parser.add_argument("--conditions", type=int, default=2, help="of which the answers are")
    args = parser.parse_args()
    conditions = [CONTROL, *(f"replaced-{i}" for i in range(1, args.conditions))]
    print("  answers  label s  aggregate s  summarize s  core s  answers/s  peak MiB", flush=True)
    for size in args.sizes:
        with tempfile.TemporaryDirectory(prefix="bench-score-") as folder:
            _write(Path(folder), conditions, size // (len(conditions) * len(METHODS)))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            labelled, aggregated, summarized = _timed(Path(folder))
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        took = f"{labelled:>8.1f} {aggregated:>12.1f} {summarized:>12.1f} {cores:>7.1f}"
        speed = f"{size / (labelled + aggregated + summarized):>10,.0f}"
        print(f"{size:>9,} {took} {speed} {after.ru_maxrss // 1024:>9,}", flush=True)  # peak of the largest so far


def _timed(folder: Path) -> list[float]:
    """Return the seconds of each program over the answers of a folder."""
    labels = layout.labels(folder, DATASET, 1, MODEL, layout.BASE)
    metrics, comparisons = layout.metrics(folder, DATASET, MODEL), layout.comparisons(folder, DATASET, MODEL)
    tables = ("answers", "examples", "evidence", "recall", "train", "test", "parts")
    label: Options = {name: folder / f"{name}.parquet" for name in tables}
    label |= {"dataset": DATASET, "model": MODEL, "checkpoint": layout.BASE, "order": "given", "seed": 0}
    label |= {"prompt-sets": json.dumps(dict.fromkeys(METHODS, "ours")), "out": labels}
    aggregate: Options = {"labels": labels, "metrics": metrics, "comparisons": comparisons}
    aggregate |= {"seed": 0, "control": CONTROL, "reference": "vanilla-rag"}
    summarize: Options = {"results": folder, "config": folder / "config.json"}
    summarize |= {"metrics-csv": folder / "report/metrics.csv"}
    summarize |= {name: folder / f"report/{name}.parquet" for name in ("metrics", "comparisons")}
    return [_run("label.py", label), _run("aggregate.py", aggregate), _run("summarize.py", summarize)]


def _run(script: str, options: Options) -> float:
    """Run a program with these options, return the seconds that passed."""
    arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    began = time.monotonic()
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD})
    return time.monotonic() - began


def _write(folder: Path, conditions: list[str], questions: int) -> None:
    """Write the inputs of the three programs: four aliases a question, answers of some fifty words."""
    names = [
        (_names(random.Random(f"names {i}"), 4), _names(random.Random(f"counter {i}"), 2)) for i in range(questions)
    ]
    about: Row = {"closed_book_finished": True, "closed_book_asked": "field", "internal_document": ""}
    about |= {"closed_book_samples": [], "closed_book_probability": None}
    recalled = (
        {"question_id": _id(i), "closed_book_answer": gold[i % 2], **about} for i, (gold, _) in enumerate(names)
    )
    write_rows(folder / "recall.parquet", recalled, RECALL)
    write_rows(folder / "parts.parquet", [], PARTS)
    for split, half in (("train", names[::2]), ("test", names)):
        write_rows(folder / f"{split}.parquet", _questions(split, half), QUESTIONS)
    (folder / "config.json").write_text(json.dumps({"datasets": {DATASET: {}}, "models": {MODEL: {}}}))
    with (
        Writer(folder / "examples.parquet", EXAMPLES) as examples,
        Writer(folder / "evidence.parquet", EVIDENCE) as evidence,
        Writer(folder / "answers.parquet", ANSWERS) as answers,
    ):
        for condition in conditions:
            examples.write(*(_example(i, condition, gold, counter) for i, (gold, counter) in enumerate(names)))
            evidence.write(*_evidence(questions, condition))
            for method in METHODS:
                answers.write(*_answers(names, condition, method))
            for table in (examples, evidence, answers):
                table.end_group()


def _questions(split: str, names: list[tuple[list[str], list[str]]]) -> Iterator[Row]:
    about = {"dataset": DATASET, "split": split, "question": "?", "subject": "", "relation": "", "popularity": 0.0}
    for i, (gold, _) in enumerate(names):
        yield about | {"question_id": _id(i), "answers": gold, "answer_type": ""}


def _example(i: int, condition: str, gold: list[str], counter: list[str]) -> Row:
    about: Row = {"question_id": _id(i), "condition": condition, "question": "?", "subject": "", "passages": []}
    about |= {"other_names": [], "relation": f"relation {i % 16}", "popularity": 10.0 ** (i % 6)}
    return about | {"answers": gold, "counter_answer": counter[0], "counter_aliases": counter}


def _evidence(questions: int, condition: str) -> Iterator[Row]:
    for i in range(questions):
        clean, known = condition == CONTROL, i % 2 == 0
        state = ("both" if known else "external") if clean else ("internal" if known else "neither")
        about = {"question_id": _id(i), "condition": condition, "memory_gold": known, "memory_counter": False}
        about |= {"closed_book_label": "gold" if known else "neither", "state": state}
        about |= {"closed_book_agreement": 1.0, "memory": "gold" if known else "other"}
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
        about = {"question_id": _id(i), "condition": condition, "method": method, "text": text}
        yield about | {
            "finish_reason": "stop",
            "asked": "field",
            "prompt_tokens": 300,
            "output_tokens": 60,
            "log_probability": None,
            "votes": None,
        }


def _names(rng: random.Random, count: int) -> list[str]:
    def word() -> str:
        return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title()

    return [" ".join(word() for _ in range(rng.randint(1, 3))) for _ in range(count)]


def _id(i: int) -> str:
    return f"{i:032x}"


if __name__ == "__main__":
    run(main, job=False)
