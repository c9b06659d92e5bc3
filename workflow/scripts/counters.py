"""Draw counter-answers and make counter-passages by rule, every draw that the conditions of a split take."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from interexter.answers.schemas import RECALL
from interexter.core import tables
from interexter.core.program import run
from interexter.data.schemas import QUESTIONS, SHIPPED_COUNTERS
from interexter.injection import conditions, counters, injectors
from interexter.injection.candidates import CANDIDATES, Plausible
from interexter.injection.counters import COUNTERS, REJECTED_COUNTERS, SOURCES
from interexter.injection.drafts import Shipped


def main() -> None:
    """Read questions and retrieved passages, write the counter-passages of one draw after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this split")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--conditions", type=Path, required=True, help="JSON: the conditions of the split by name")
    parser.add_argument("--shipped", type=Path, help="what the data set itself holds against its gold answers")
    parser.add_argument(
        "--recall", action="append", default=[], help="MODEL=FILE: what a contradicted model answered closed-book"
    )
    parser.add_argument(
        "--candidates", action="append", default=[], help="MODEL=FILE: what a model finds likely, for plausible ones"
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    recalled, weighed = _by_model(args.recall), _by_model(args.candidates)
    bare = 0
    with (
        tables.Writer(args.out, COUNTERS) as kept,
        tables.Writer(args.rejected, REJECTED_COUNTERS) as rejected,
    ):
        for name, condition in conditions.draws(conditions.read(args.conditions)).items():
            kind = condition["kind"]
            inject = injectors.load(kind)
            sampled = tables.rows(args.retrieved, SOURCES) if injectors.needs_passages(kind) else ()
            shipped = _shipped(args.shipped if injectors.needs_shipped(kind) else None)
            pools = counters.split_pools(tables.rows(args.all_questions, QUESTIONS), sampled, args.seed, shipped)
            memory = _memory(recalled[condition["model"]]) if condition["counter_to"] == "memory" else None
            plausible = condition["counter_answer"] == "plausible"
            chosen = Plausible(tables.rows(weighed[condition["model"]], CANDIDATES)) if plausible else None
            retrieved = tables.Follower(args.retrieved, SOURCES)
            for questions in tables.batches(args.questions, QUESTIONS):
                ids = [question["question_id"] for question in questions]
                found = retrieved.rows(ids)
                rows, refused = counters.draw(questions, pools, found, kind, inject, args.seed, memory, name, chosen)
                tables.assert_none_lost(ids, rows, refused)
                kept.write(*rows)
                rejected.write(*refused)
                bare += sum(not row["passages"] for row in rows)
            kept.end_group()
            rejected.end_group()
    n_in = kept.count + rejected.count
    print(f"counters: n_in={n_in} n_out={kept.count} n_rejected={rejected.count} without_passages={bare}")


def _by_model(given: Sequence[str]) -> dict[str, Path]:
    return {model: Path(file) for model, _, file in (one.partition("=") for one in given)}


def _memory(path: Path) -> counters.Memory:
    return {row["question_id"]: counters.believed(row) for row in tables.rows(path, RECALL)}


def _shipped(path: Path | None) -> Shipped:
    """Return what the data set itself holds against a question, where there is such a table."""
    if path is None:
        return lambda question_id: None
    follower = tables.Follower(path, SHIPPED_COUNTERS)
    return lambda question_id: next(iter(follower.rows([question_id])), None)


if __name__ == "__main__":
    run(main)
