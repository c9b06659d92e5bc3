"""Choose demonstrations from accepted rationales, one per evidence state; and the same with answers alone."""

import argparse
import json
from pathlib import Path

from interexter.demonstrations import answers_only, choose
from interexter.errors import run
from interexter.tables import QUESTIONS, RATIONALES, read_rows, write_text


def main() -> None:
    """Read rationales and the questions of both splits, write the demonstrations of each style."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rationales", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    questions = {row["question_id"]: row for row in read_rows(args.train, QUESTIONS)}
    taboo = {row["subject"] for row in read_rows(args.test, QUESTIONS)}
    chosen = choose(read_rows(args.rationales, RATIONALES), questions, taboo, args.seed)
    chosen["answer"] = answers_only(chosen, questions)
    write_text(args.out, json.dumps(chosen, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    print("demonstrations: " + " ".join(f"{style}={len(rows)}" for style, rows in sorted(chosen.items())))


if __name__ == "__main__":
    run(main)
