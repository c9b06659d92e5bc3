"""Ask one checkpoint everything that is to be asked of it: all its methods under all conditions, one engine start."""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path

from interexter.answers import internal_documents
from interexter.answers.answering import Caps, Interview, asked_methods
from interexter.answers.kept_prompts import PROMPTS
from interexter.answers.schemas import ANSWERS, REJECTED_ANSWERS
from interexter.core import tables
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.shards import shard


def main() -> None:
    """Read examples and what the model remembers, write an answer for each method and example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--demonstrations", type=Path, required=True)
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> prompt set")
    parser.add_argument("--shard", type=shard, default=shard("1-of-1"), help="N-of-M: only the questions of this shard")
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--rationale-tokens", type=int, required=True)
    parser.add_argument("--rationale-stop", type=json.loads, required=True, help="JSON list of texts that end one")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    parser.add_argument("--prompts", type=Path, help="where every prompt is kept beside its answer")
    add_engine_arguments(parser)
    args = parser.parse_args()
    caps = Caps(args.answer_tokens, args.rationale_tokens, args.rationale_stop)
    methods = asked_methods(args.prompt_sets, read_json(args.demonstrations), caps)
    memories = internal_documents.read(args.recall)
    interview = Interview(args.examples, args.evidence, memories, methods, args.shard)
    interview.check()
    with ExitStack() as stack:
        kept = stack.enter_context(tables.Writer(args.out, ANSWERS))
        answers = tables.ByCondition(kept)
        if args.prompts:
            interview.note = tables.ByCondition(stack.enter_context(tables.Writer(args.prompts, PROMPTS))).write
        for outcome in ask_all(interview.conversations(), args, "generate", interview.contrasted()):
            if (row := interview.answer(outcome)) is not None:
                answers.write(row)
    tables.write_rows(args.rejected, interview.rejected, REJECTED_ANSWERS)
    n_rejected = len(interview.rejected)
    print(f"generate: n_in={kept.count + n_rejected} n_out={kept.count} n_rejected={n_rejected}")


if __name__ == "__main__":
    run(main)
