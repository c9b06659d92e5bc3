"""Label the answers of one method under a block of conditions: gold, counter, both, neither or abstain."""

import argparse
from collections import Counter
from pathlib import Path

from interexter import labels
from interexter.errors import UserError, run
from interexter.tables import ANSWERS, EVIDENCE, EXAMPLES, LABELS, Row, read_rows, write_rows


def main() -> None:
    """Read answers, examples and evidence, write one label per answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--examples", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--evidence", type=Path, nargs="+", required=True, help="a file for each condition")
    series = ("dataset", "model", "checkpoint", "method", "prompt_set", "order")
    for name in series:
        parser.add_argument(f"--{name.replace('_', '-')}", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    answers = read_rows(args.answers, ANSWERS)
    if not answers:
        raise UserError(f"{args.answers}: there are no answers to label; its table of rejected rows says why.")
    examples = {_key(row): row for path in args.examples for row in read_rows(path, EXAMPLES)}
    evidence = {_key(row): row for path in args.evidence for row in read_rows(path, EVIDENCE)}
    for paths, known in ((args.examples, examples), (args.evidence, evidence)):
        if absent := sorted({_key(answer) for answer in answers} - known.keys()):
            raise UserError(
                f"{', '.join(map(str, paths))}: no row for {len(absent)} of the {len(answers)} answers of "
                f"{args.answers}, first (condition, question_id) {absent[0]}. The files are of different runs: "
                "delete the older, run again."
            )
    about = {name: getattr(args, name) for name in (*series, "seed")}
    rows = [about | _labelled(answer, examples[_key(answer)], evidence[_key(answer)]) for answer in answers]
    write_rows(args.out, rows, LABELS)
    counts = Counter(row["label"] for row in rows)
    print(f"label: n_in={len(answers)} n_out={len(rows)}", *(f"{name}={counts[name]}" for name in labels.LABELS))


def _key(row: Row) -> tuple[str, str]:
    return row["condition"], row["question_id"]


def _labelled(answer: Row, example: Row, evidence: Row) -> Row:
    found = labels.label(answer["final_answer"], example["answers"], example["counter_aliases"])
    return {
        "question_id": answer["question_id"],
        "condition": answer["condition"],
        "relation": example["relation"],
        "official": labels.official(answer["text"], example["answers"]),
        "strict": found == "gold",
        "label": found,
        **{name: evidence[name] for name in ("closed_book_label", "state", "passages_gold", "passages_counter")},
    }


if __name__ == "__main__":
    run(main)
