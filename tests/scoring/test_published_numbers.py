"""The published numbers: a complete table, each figure with its source, a few looked up by hand."""

import csv
from pathlib import Path

from interexter.data.layouts.instructrag import PUBLISHED

FILE = Path(__file__).parents[2] / "workflow/scripts/interexter/scoring/published-numbers.csv"
ROWS = list(csv.DictReader(FILE.open()))
KEY = ("dataset", "model", "training", "method", "metric")


def figure(*key: str) -> float:
    [row] = [row for row in ROWS if tuple(row[name] for name in KEY) == key]
    return float(row["value"])


def test_every_figure_has_a_source_and_stands_once() -> None:
    assert len({tuple(row[name] for name in KEY) for row in ROWS}) == len(ROWS)
    assert all(row["source"].startswith("arXiv 2406.13629, table") for row in ROWS)
    assert {row["dataset"] for row in ROWS} == set(PUBLISHED)
    assert all(0 < float(row["value"]) < 100 for row in ROWS)
    for row in ROWS:
        assert int(row["passages"]) in (0, PUBLISHED[row["dataset"]]["passages"])
        assert (row["retriever"] == "none") == (row["passages"] == "0") == (row["method"] == "closed-book")


def test_some_figures() -> None:
    llama = "Llama-3-8B-Instruct"
    assert figure("PopQA", llama, "full", "instructrag-ft", "accuracy") == 66.2
    assert figure("2WikiMultiHopQA", llama, "none", "instructrag-icl", "accuracy") == 50.4
    assert figure("ASQA", "Llama-3-70B-Instruct", "none", "instructrag-icl", "citation_recall") == 71.2
    assert figure("TriviaQA", llama, "none", "vanilla-rag", "accuracy") == 71.4
    assert figure("ASQA", llama, "full", "instructrag-ft/rationales-by-70b", "str_em") == 49.1
    assert figure("PopQA", llama, "none", "instructrag-icl/without-demonstrations", "accuracy") == 63.0
