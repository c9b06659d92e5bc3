"""Write what another system needs to answer what a method of the base model is asked: a line for each example."""

import argparse
import json
from pathlib import Path

from interexter.answers import internal_documents
from interexter.answers.answering import Caps, Interview, asked_methods
from interexter.answers.exporting import questions_for
from interexter.core.files import write_text
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.engine.shards import shard


def main() -> None:
    """Read examples and what the model remembers, write the questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--demonstrations", type=Path, required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--rationale-tokens", type=int, required=True)
    parser.add_argument("--rationale-stop", type=json.loads, required=True, help="JSON list of texts that end one")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    caps = Caps(args.answer_tokens, args.rationale_tokens, args.rationale_stop)
    methods = asked_methods({args.method: args.prompt_set}, read_json(args.demonstrations), caps)
    memories = internal_documents.read(args.recall)
    interview = Interview(args.examples, args.evidence, memories, methods, shard("1-of-1"))
    interview.check()
    lines = [json.dumps(row, ensure_ascii=False) for row in questions_for(interview, args.method, args.seed)]
    write_text(args.out, "".join(f"{line}\n" for line in lines))
    print(f"export_questions: n_out={len(lines)}")


if __name__ == "__main__":
    run(main)
