"""Let the model write rationales for training examples, check them, and ask again for those that fail."""

import argparse
import json
from pathlib import Path

from interexter.answers.rationale_writing import Writing, synthesize
from interexter.answers.rationales import ONE_STYLE, WRITTEN, settle, wanted
from interexter.core.program import run
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.published_prompts import open_prompts


def main() -> None:
    """Read examples and their evidence, write accepted and rejected rationales."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", choices=WRITTEN, required=True)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True, help="of questions that ask for several things")
    parser.add_argument("--styles", type=json.loads, required=True, help="JSON: style -> conditions")
    parser.add_argument("--minimum-accepted", type=int, default=0, help="fewer of a style stop the run")
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--writing", type=json.loads, required=True, help="JSON: fields of Writing")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    add_engine_arguments(parser)
    args = parser.parse_args()
    styles = {k: v for k, v in args.styles.items() if k == "instructrag" or args.source not in ONE_STYLE}
    writing = Writing(open_prompts(args.prompt_set), source=args.source, **args.writing)
    asked = wanted(args.examples, args.evidence, args.recall, styles, args.parts)
    written = (
        synthesize(one.example, one.evidence, one.internal_document, one.style, writing, one.long_answers)
        for one in asked
    )
    outcomes = ask_all(written, args, "rationales")
    rows = [o.result or one.refused(o.rejected) for one, o in zip(asked, list(outcomes), strict=True)]
    settle(rows, list(styles), args.minimum_accepted, args.out, args.rejected)


if __name__ == "__main__":
    run(main)
