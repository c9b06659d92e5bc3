"""Make the examples of all conditions of a split: what each question is shown, and which questions are sound."""

import argparse
import shutil
from functools import partial
from pathlib import Path

from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.data.longer_names import LongerNames
from interexter.data.questions import Questions
from interexter.data.schemas import CORPUS, QUESTIONS
from interexter.injection import conditions, gates
from interexter.injection.assembly import REJECTED_EXAMPLES, Settings, Sources, assembled
from interexter.injection.compose import EXAMPLES
from interexter.injection.ordering import ORDERS
from interexter.injection.tally import Tally, empty, too_few_passages
from interexter.retrieval.unseen import Scorer


def main() -> None:
    """Read questions, retrieved passages and counter-passages, write one condition after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's, of both splits")
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--counters", type=Path, nargs="+", required=True, help="made by rule, and by each model")
    parser.add_argument("--conditions", type=Path, required=True, help="JSON: the conditions of the split by name")
    parser.add_argument("--corpus", type=Path, help="where a condition places passages by their scores")
    parser.add_argument("--split", choices=["train", "test"], required=True)
    parser.add_argument("--passages", type=int, required=True, help="retrieved passages to start from")
    parser.add_argument("--order", choices=ORDERS, required=True, help="of all passages, as they are shown")
    parser.add_argument("--strict", nargs="*", choices=list(gates.STRICT_GATES), default=[], help="further gates")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    named = conditions.read(args.conditions)
    tallies = write(args, named)
    for name, tally in tallies.items():
        print(f"inject: {name}: {tally}")
    n_out = sum(tally.passed for tally in tallies.values())
    n_rejected = sum(tally.reasons.total() for tally in tallies.values())
    print(f"inject: n_in={n_out + n_rejected} n_out={n_out} n_rejected={n_rejected}")
    if most := too_few_passages(named, tallies):
        raise UserError(
            f"datasets.{_dataset(args.questions)}.passages: {args.passages} are to be shown, and no question has more "
            f"than {most}. Lower it, take the data set out of the config, or give it more passages."
        )
    failed = args.out.with_suffix(".failed.parquet")
    failed.unlink(missing_ok=True)
    if left := empty(tallies):
        shutil.copyfile(args.rejected, failed)  # outputs of a failed job are deleted
        why = "; ".join(f"{name}: {dict(tally.reasons.most_common())}" for name, tally in left.items())
        raise UserError(
            f"no question is left under {len(left)} of {len(tallies)} conditions ({why}). {failed} has the details. "
            f"Change these conditions, or take them out of `{args.split}: conditions` of the config."
        )


def write(args: argparse.Namespace, named: dict[str, conditions.Condition]) -> dict[str, Tally]:
    """Write the examples of each condition, as row groups of its own; return what each came to."""
    sources = Sources(args.questions, args.retrieved, args.counters)
    settings = Settings(args.split, args.passages, args.order, args.strict, args.seed)
    read = partial(tables.rows, args.all_questions, QUESTIONS)
    known, longer = Questions(read), LongerNames(read)
    scored = Scorer(tables.batches(args.corpus, CORPUS)).scored if args.corpus else None
    tallies = {name: Tally(args.passages) for name in named}
    with (
        tables.Writer(args.out, EXAMPLES) as kept,
        tables.Writer(args.rejected, REJECTED_EXAMPLES) as rejected,
    ):
        for name, condition in named.items():
            for rows, refused in assembled(name, condition, sources, settings, known, longer, scored):
                kept.write(*rows)
                rejected.write(*refused)
                tallies[name].add(rows, refused)
            kept.end_group()
            rejected.end_group()
    return tallies


def _dataset(questions: Path) -> str:
    """Return the name of the data set whose questions a table has."""
    return str(tables.read_table(questions, QUESTIONS, ["dataset"])["dataset"][0])


if __name__ == "__main__":
    run(main)
