"""Let the model write rationales for training examples, check them, and ask again for those that fail."""

import argparse
import json
from collections import Counter
from pathlib import Path

from interexter.answers.evidence import EVIDENCE
from interexter.answers.rationales import (
    ONE_STYLE,
    RATIONALES,
    RATIONALES_REJECTED,
    SOURCES,
    WRITTEN,
    Writing,
    from_template,
    shipped,
    synthesize,
)
from interexter.answers.recall import RECALL
from interexter.core.errors import UserError
from interexter.core.files import write_text
from interexter.core.identity import canonical_json
from interexter.core.program import run
from interexter.core.tables import Row, read_rows, write_rows
from interexter.data.schemas import SHIPPED_RATIONALES
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.published_prompts import open_prompts
from interexter.injection.compose import EXAMPLES


def main() -> None:
    """Read examples and their evidence, write accepted and rejected rationales."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", choices=SOURCES, required=True)
    parser.add_argument("--examples", type=Path, nargs="+", required=True)
    parser.add_argument("--evidence", type=Path, nargs="+", required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--styles", type=json.loads, required=True, help="JSON: style -> conditions")
    parser.add_argument("--shipped", type=Path, help="rationales of the data set, for the source `shipped`")
    parser.add_argument("--minimum-accepted", type=int, default=0, help="fewer of a style stop the run")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    parser.add_argument("--prompt-set")
    parser.add_argument(
        "--writing", type=json.loads, default={}, help="JSON: max_tokens, stop, max_attempts, temperature, seed"
    )
    known, _ = parser.parse_known_args()
    if known.source in WRITTEN:
        add_engine_arguments(parser)
    args = parser.parse_args()
    if args.source in ONE_STYLE:
        args.styles = {style: names for style, names in args.styles.items() if style == "instructrag"}
    wanted = _wanted(args)
    if args.source == "template":
        rows = [{**from_template(*row), "reason": ""} for row in wanted]
    elif args.source == "shipped":
        given = {row["question_id"]: row["rationale"] for row in read_rows(args.shipped, SHIPPED_RATIONALES)}
        rows = [shipped(example, state, given.get(example["question_id"], "")) for example, state, _, _ in wanted]
    else:
        writing = Writing(open_prompts(args.prompt_set), source=args.source, **args.writing)
        outcomes = ask_all([synthesize(*row, writing) for row in wanted], args, "rationales")
        rows = [o.result or _refused(row, o.rejected) for row, o in zip(wanted, outcomes, strict=True)]
    _write(args, rows)


def _wanted(args: argparse.Namespace) -> list[tuple[Row, Row, str, str]]:
    """Return (example, evidence, internal document, style) for every rationale to write."""
    memory = {row["question_id"]: row["internal_document"] for row in read_rows(args.recall, RECALL)}
    evidence = {(r["question_id"], r["condition"]): r for path in args.evidence for r in read_rows(path, EVIDENCE)}
    examples = [row for path in args.examples for row in read_rows(path, EXAMPLES)]
    return [
        (row, evidence[row["question_id"], row["condition"]], memory[row["question_id"]], style)
        for style, conditions in sorted(args.styles.items())
        for row in sorted(examples, key=lambda r: (r["condition"], r["question_id"]))
        if row["condition"] in conditions and (row["question_id"], row["condition"]) in evidence
    ]


def _refused(row: tuple[Row, Row, str, str], reason: str) -> Row:
    """Build the row of a rationale whose prompt could not be asked."""
    example, evidence, _, style = row
    identity = {"question_id": example["question_id"], "condition": example["condition"], "style": style}
    return {**identity, "state": evidence["state"], "rationale": "", "attempt": 0, "reason": reason}


def _write(args: argparse.Namespace, rows: list[Row]) -> None:
    """Write accepted and rejected rows; raise UserError where a style has too few."""
    accepted = [{k: v for k, v in row.items() if k != "reason"} for row in rows if not row["reason"]]
    rejected = [{k: v for k, v in row.items() if k != "attempt"} for row in rows if row["reason"]]
    print(f"rationales: n_in={len(rows)} n_out={len(accepted)} n_rejected={len(rejected)}")
    for style in sorted(args.styles):
        reasons = Counter(row["reason"] for row in rejected if row["style"] == style)
        n_style = sum(row["style"] == style for row in accepted)
        print(f"rationales: {style}: {n_style} accepted, rejected {canonical_json(dict(reasons))}")
        if n_style < args.minimum_accepted:
            write_text(args.rejected.with_suffix(".json"), json.dumps(rejected, indent=1) + "\n")
            raise UserError(
                f"rationales: {n_style} of style {style} were accepted, rationales.minimum_accepted is "
                f"{args.minimum_accepted}; rejected: {dict(reasons)}. See {args.rejected.with_suffix('.json')}."
            )
    write_rows(args.out, accepted, RATIONALES)
    write_rows(args.rejected, rejected, RATIONALES_REJECTED)


if __name__ == "__main__":
    run(main)
