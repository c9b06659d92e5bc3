"""Fill rationales in by rule, or take those that the data set ships: no model is asked."""

import argparse
import json
from pathlib import Path

from interexter.answers.rationales import from_template, settle, shipped, wanted
from interexter.core.program import run
from interexter.core.tables import read_rows
from interexter.data.schemas import SHIPPED_RATIONALES


def main() -> None:
    """Read examples and their evidence, write accepted and rejected rationales."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--styles", type=json.loads, required=True, help="JSON: style -> conditions")
    parser.add_argument("--shipped", type=Path, help="rationales of the data set, to be taken as they are")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    styles = {k: v for k, v in args.styles.items() if k == "instructrag" or not args.shipped}
    asked = wanted(args.examples, args.evidence, args.recall, styles)
    if args.shipped:
        given = {row["question_id"]: row["rationale"] for row in read_rows(args.shipped, SHIPPED_RATIONALES)}
        rows = [shipped(one.example, one.evidence, given.get(one.example["question_id"], "")) for one in asked]
    else:
        filled = (from_template(one.example, one.evidence, one.internal_document, one.style) for one in asked)
        rows = [{**row, "reason": ""} for row in filled]
    settle(rows, list(styles), 0, args.out, args.rejected)


if __name__ == "__main__":
    run(main)
