"""Make the examples of all conditions of a split: what each question is shown, and which questions are sound."""

import argparse
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.data.longer_names import LongerNames
from interexter.data.questions import Questions
from interexter.data.schemas import CORPUS, QUESTIONS
from interexter.injection import conditions, gates
from interexter.injection.assembly import REJECTED_EXAMPLES, Settings, Sources, assembled, setting_of
from interexter.injection.compose import EXAMPLES
from interexter.injection.ordering import ORDERS
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
    sources = Sources(args.questions, args.retrieved, args.counters)
    settings = Settings(args.split, args.passages, args.order, args.strict, args.seed)
    read = partial(tables.rows, args.all_questions, QUESTIONS)
    known, longer = Questions(read), LongerNames(read)
    scored = Scorer(tables.batches(args.corpus, CORPUS)).scored if args.corpus else None
    named = conditions.read(args.conditions)
    shown = {name: setting_of(name, condition) for name, condition in named.items()}
    passed: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    fewer: Counter[str] = Counter()
    most: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    with (
        tables.Writer(args.out, EXAMPLES) as kept,
        tables.Writer(args.rejected, REJECTED_EXAMPLES) as rejected,
    ):
        for name, condition in named.items():
            reasons[name] = Counter()
            for rows, refused in assembled(name, condition, sources, settings, known, longer, scored):
                kept.write(*rows)
                rejected.write(*refused)
                passed[name] += len(rows)
                bare[name] += sum(not row["counter_aliases"] for row in rows)
                fewer[name] += sum(len(row["passages"]) < args.passages for row in rows)
                most[name] = max([most[name], *(len(row["passages"]) for row in rows)])
                reasons[name].update(row["reason"] for row in refused)
            kept.end_group()
            rejected.end_group()
    for name, counts in reasons.items():
        told = "".join(f" {reason}={n}" for reason, n in sorted(counts.items()))
        told += f" without_counter_answer={bare[name]}" if bare[name] else ""
        told += f" with_fewer_passages={fewer[name]}" if fewer[name] else ""
        print(f"inject: {name}: n_out={passed[name]} n_rejected={counts.total()}{told}")
    print(f"inject: n_in={kept.count + rejected.count} n_out={kept.count} n_rejected={rejected.count}")
    short = [name for name, setting in shown.items() if setting.baseline and 0 < most[name] < args.passages]
    if short and not any(setting.everything for setting in shown.values()):
        raise UserError(
            f"datasets.{_dataset(args.questions)}.passages: {args.passages} are to be shown, and no question has more "
            f"than {most[short[0]]}. Lower it, take the data set out of the config, or give it more passages."
        )
    failed = args.out.with_suffix(".failed.parquet")
    failed.unlink(missing_ok=True)
    # A split without questions is a study's affair: one that trains nothing may have no training questions.
    if empty := [name for name in reasons if reasons[name] and not passed[name]]:
        shutil.copyfile(args.rejected, failed)  # outputs of a failed job are deleted
        why = "; ".join(f"{name}: {dict(reasons[name].most_common())}" for name in empty)
        raise UserError(
            f"no question is left under {len(empty)} of {len(reasons)} conditions ({why}). {failed} has the details. "
            f"Change these conditions, or take them out of `{args.split}: conditions` of the config."
        )


def _dataset(questions: Path) -> str:
    """Return the name of the data set whose questions a table has."""
    return str(tables.read_table(questions, QUESTIONS, ["dataset"])["dataset"][0])


if __name__ == "__main__":
    run(main)
