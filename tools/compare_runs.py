"""Compare two runs answer by answer: both right, both wrong, or only one, with the texts, as a CSV table.

A run is one method of a checkpoint under one condition: the labels and the answers of its checkpoint, of one results
folder or of two. Two entries of `datasets` with the same questions can be compared too, so that two orders or prompt
sets can.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

from interexter.core.program import run
from interexter.core.tables import read_rows
from interexter.data.schemas import QUESTIONS
from interexter.scoring.runs import OUTCOMES, RIGHT, Run, outcomes, with_questions

COLUMNS = (
    "question_id",
    "question",
    "gold_answers",
    "outcome",
    "label_a",
    "label_b",
    "final_answer_a",
    "final_answer_b",
)
TEXTS = ("text_a", "text_b")


def main() -> None:
    """Read both runs, write one row for each question that both answered, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for side in ("a", "b"):
        parser.add_argument(f"--labels-{side}", type=Path, required=True, metavar="PARQUET")
        parser.add_argument(
            f"--answers-{side}", type=Path, nargs="+", required=True, metavar="PARQUET", help="a file for each shard"
        )
        parser.add_argument(f"--method-{side}", help="where the labels are of several")
        parser.add_argument(f"--condition-{side}", help="where the labels are of several")
    parser.add_argument("--questions", type=Path, required=True, metavar="PARQUET", help="questions of the data set")
    parser.add_argument("--by", choices=RIGHT, default="strict", help="what counts as right")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    args = parser.parse_args()
    a = Run(args.labels_a, args.answers_a, args.method_a, args.condition_a)
    b = Run(args.labels_b, args.answers_b, args.method_b, args.condition_b)
    rows = with_questions(outcomes(a, b, args.by), read_rows(args.questions, QUESTIONS))
    with args.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, (*COLUMNS, *TEXTS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    counts = Counter(row["outcome"] for row in rows)
    print(f"compare: n_out={len(rows)}", *(f"{name.replace(' ', '_')}={counts[name]}" for name in OUTCOMES))


if __name__ == "__main__":
    run(main, job=False)
