"""Choose demonstrations from accepted rationales, one per evidence state; and the same with answers alone."""

import argparse
from pathlib import Path

from interexter.answers.demonstrations import Demonstrations, answers_only, choose
from interexter.answers.schemas import RATIONALES
from interexter.core.errors import UserError
from interexter.core.json_files import read_json, write_json
from interexter.core.program import run
from interexter.core.tables import read_rows
from interexter.data.schemas import QUESTIONS


def main() -> None:
    """Read rationales and the questions of both splits, write the demonstrations of each style."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rationales", type=Path, nargs="+", required=True, help="of a style the first that has any")
    parser.add_argument("--shipped", type=Path, nargs="*", default=[], help="demonstrations of the data set's own")
    parser.add_argument(
        "--ablations", type=Path, nargs="*", default=[], help="rationales; the file's name is their source"
    )
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    questions = {row["question_id"]: row for row in read_rows(args.train, QUESTIONS)}
    taboo = {row["subject"] for row in read_rows(args.test, QUESTIONS)}
    chosen: Demonstrations = {}
    for path in args.rationales:
        found = choose(read_rows(path, RATIONALES), questions, taboo, args.seed)
        chosen |= {style: rows for style, rows in found.items() if not chosen.get(style)}
    for path in args.shipped:
        chosen["instructrag"] = read_json(path, "instructrag")["instructrag"]
        if not chosen["instructrag"]:
            raise UserError(f"{path}: the data set ships no demonstrations; choose another demonstrations.source.")
    chosen["answer"] = answers_only(chosen, questions)
    for path in args.ablations:
        found = choose(read_rows(path, RATIONALES), questions, taboo, args.seed)
        chosen[f"instructrag/{path.stem}"] = found["instructrag"]
    write_json(args.out, dict(sorted(chosen.items())))
    styles = " ".join(f"{style}={len(rows)}" for style, rows in sorted(chosen.items()))
    print(f"demonstrations: n_in={len(questions)} n_out={sum(map(len, chosen.values()))} {styles}")


if __name__ == "__main__":
    run(main)
