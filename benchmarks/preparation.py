"""Measure preparation and BM25 at size: rows or queries per second, peak memory; each in a process of its own."""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WORDS = 200_000  # vocabulary of generated text, drawn with the frequencies of Zipf's law
LENGTH = 100  # words of a generated passage, as in the DPR Wikipedia dump
QUERIES = 500
DEPTH = 20


def main() -> None:
    """Run each measurement in a fresh process, print a line for each, write them to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench"), help="generated data; yours to delete")
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 170_000], help="questions of 10 passages each")
    parser.add_argument("--passages", type=int, nargs="*", default=[1_000_000], help="sizes of a BM25 corpus")
    parser.add_argument("--out", type=Path, help="JSON file of all measurements")
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)  # what a fresh process measures
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_measured(args.folder, **args.one)))
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    wanted: list[dict[str, Any]] = [{"what": "prepare", "size": rows} for rows in args.rows]
    wanted += [{"what": what, "size": size} for size in args.passages for what in ("bm25", "bare-bm25s")]
    for size in args.rows:
        _generate_data_set(args.folder / f"{size}" / "train.json", size)
    for size in args.passages:
        _generate_corpus(args.folder / f"{size}.txt", size)
    results = []
    for one in wanted:
        command = [sys.executable, __file__, "--folder", args.folder, "--one", json.dumps(one)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(results[-1]), flush=True)
    if args.out:
        args.out.write_text(json.dumps(results, indent=1) + "\n")


def _measured(folder: Path, what: str, size: int) -> dict[str, Any]:
    measure = {"prepare": _prepare, "bm25": _bm25, "bare-bm25s": _bare}[what]
    return {"what": what, "size": size, **measure(folder, size), "cpu_seconds": _cpu(), "peak_gib": _peak()}


def _prepare(folder: Path, size: int) -> dict[str, float]:
    from interexter.data import preparation

    out = folder / f"{size}" / "out"
    paths = preparation.Paths(*(out / f"{name}.parquet" for name in preparation.Paths._fields))
    began = time.perf_counter()
    source = {"kind": "local", "layout": "instructrag", "path": str(folder / f"{size}"), "files": ["train.json"]}
    card, _ = preparation.prepare(source, "bench", paths)
    seconds = time.perf_counter() - began
    assert card["counts"]["passages"] == 10 * size
    return {"seconds": round(seconds, 1), "rows_per_second": round(size / seconds)}


def _bm25(folder: Path, size: int) -> dict[str, float]:
    import pyarrow as pa
    from interexter.data.schemas import CORPUS
    from interexter.retrieval.bm25 import Index
    from interexter.retrieval.corpus import Corpus

    texts = (folder / f"{size}.txt").read_text().splitlines()
    ids = pa.array([f"{i:032d}" for i in range(size)])
    corpus = Corpus(pa.table([ids, pa.array([""] * size), pa.array(texts)], schema=CORPUS))
    del texts, ids
    questions = _queries(folder, size)
    began = time.perf_counter()
    rankings = Index(corpus).search(questions, DEPTH)
    next(rankings)
    indexed = time.perf_counter()
    n = sum(1 for _ in rankings)
    done = time.perf_counter()
    return {"index_seconds": round(indexed - began, 1), "queries_per_second": round(n / (done - indexed), 1)}


def _bare(folder: Path, size: int) -> dict[str, float]:
    import bm25s

    texts = (folder / f"{size}.txt").read_text().splitlines()
    queries = _queries(folder, size)
    began = time.perf_counter()
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    indexed = time.perf_counter()
    words = bm25s.tokenize(queries, stopwords="en", show_progress=False)
    index.retrieve(words, k=DEPTH, show_progress=False)
    done = time.perf_counter()
    return {"index_seconds": round(indexed - began, 1), "queries_per_second": round(QUERIES / (done - indexed), 1)}


def _queries(folder: Path, size: int) -> list[str]:
    """Return QUERIES questions: eight words from somewhere in as many passages."""
    rng = random.Random(1)
    with (folder / f"{size}.txt").open() as handle:
        lines = [line.split() for _, line in zip(range(QUERIES), handle, strict=False)]
    return [" ".join(rng.sample(line, 8)) for line in lines]


def _generate_data_set(path: Path, size: int) -> None:
    """Write `size` questions in InstructRAG's layout, unless the file is there."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = _texts(20_000)
    with path.open("w") as handle:
        handle.write("[")
        for n in range(size):
            rng = random.Random(n)
            contexts = [
                {
                    "id": str(i),
                    "title": f"Title {n} {i}",
                    "text": f"{n} {i} {rng.choice(texts)}",
                    "score": str(10.5 - i),
                }
                for i in range(10)
            ]
            contexts[rng.randrange(10)]["text"] += f" Answer{n}"
            row = {"question": f"Which question is number {n}?", "answers": [f"Answer{n}"], "ctxs": contexts}
            handle.write(("," if n else "") + json.dumps(row, indent=4))
        handle.write("]")


def _generate_corpus(path: Path, size: int) -> None:
    """Write `size` passages, one a line, unless the file is there."""
    if path.is_file():
        return
    with path.open("w") as handle:
        for start in range(0, size, 20_000):
            handle.writelines(f"{text}\n" for text in _texts(min(20_000, size - start), seed=start))


def _texts(n: int, seed: int = 0) -> list[str]:
    import numpy as np

    chances = 1 / np.arange(1, WORDS + 1)
    steps = np.cumsum(chances / chances.sum())
    drawn = np.searchsorted(steps, np.random.default_rng(seed).random((n, LENGTH)))
    return [" ".join(f"w{word}" for word in row) for row in drawn.tolist()]


def _cpu() -> float:
    """Return the processor time of this process in seconds: what the clock says depends on what else runs."""
    return round(time.process_time(), 1)


def _peak() -> float:
    """Return the peak memory of this process in GiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


if __name__ == "__main__":
    main()
