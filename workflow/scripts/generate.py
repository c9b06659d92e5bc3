"""Ask one checkpoint everything that is to be asked of it, in one engine start."""

import argparse
import json
from pathlib import Path

from interexter.answers.answering import TASKS, conversations
from interexter.core.program import run
from interexter.core.tables import Row, read_rows, write_rows
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.conversations import GENERATIONS
from interexter.engine.shards import of_shard


def main() -> None:
    """Read all tasks of a checkpoint, write one row per prompt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=Path, nargs="+", required=True)
    parser.add_argument("--shard", default="1-of-1", help="N-of-M: only the questions of this shard")
    parser.add_argument("--demonstrations", type=Path, required=True)
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> prompt set")
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--rationale-tokens", type=int, required=True)
    parser.add_argument("--rationale-stop", type=json.loads, required=True, help="JSON list of texts that end one")
    parser.add_argument("--out", type=Path, required=True)
    add_engine_arguments(parser)
    args = parser.parse_args()
    tasks = of_shard([row for path in args.tasks for row in read_rows(path, TASKS)], args.shard)
    demonstrations = json.loads(args.demonstrations.read_text())
    asked = conversations(
        tasks, demonstrations, args.prompt_sets, args.answer_tokens, args.rationale_tokens, args.rationale_stop
    )
    finished: dict[str, Row] = {}
    ask_all(asked, args, "generate", finished)
    write_rows(args.out, [finished[prompt_id] for prompt_id in sorted(finished)], GENERATIONS)
    refused = sum(row["finish_reason"] == "rejected" for row in finished.values())
    print(f"generate: n_in={len(finished)} n_out={len(finished) - refused} n_rejected={refused} n_tasks={len(tasks)}")


if __name__ == "__main__":
    run(main)
