"""Draw possible counter-answers of each question, and tell how likely a model finds them without passages."""

import argparse
import time
from pathlib import Path

from interexter.core.json_files import write_json
from interexter.core.program import run
from interexter.core.tables import read_rows, rows, write_rows
from interexter.data.schemas import QUESTIONS
from interexter.engine.likelihood import add_reader_arguments, open_reader
from interexter.engine.published_prompts import open_prompts
from interexter.injection import candidates, counters
from interexter.injection.candidates import CANDIDATES


def main() -> None:
    """Read questions, write for each its candidates with how likely each is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this split")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--prompt-set", required=True, help="whose closed-book prompt asks")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--costs", type=Path, required=True, help="JSON file for tokens and seconds")
    add_reader_arguments(parser)
    args = parser.parse_args()
    prompts = open_prompts(args.prompt_set)
    pools = counters.split_pools(rows(args.all_questions, QUESTIONS))
    began = time.monotonic()
    reader = open_reader(args)
    kept, tokens = [], 0
    for question in read_rows(args.questions, QUESTIONS):
        drawn = candidates.draw(question, pools[question["split"]], args.seed)
        messages = prompts.messages("closed-book", question=question["question"], documents="")
        texts = [question["answers"][0], *(one.answer for one in drawn)]
        gold, *others = reader.likelihoods(messages, texts)
        tokens += gold.prompt_tokens + gold.tokens + sum(one.tokens for one in others)
        weighed = [
            {"answer": one.answer, "log_probability": found.log_probability}
            for one, found in zip(drawn, others, strict=True)
        ]
        kept.append(
            {
                "question_id": question["question_id"],
                "gold": question["answers"][0],
                "gold_log_probability": gold.log_probability,
                "candidates": weighed,
            }
        )
    write_rows(args.out, kept, CANDIDATES)
    seconds = round(time.monotonic() - began, 2)
    costs = {"stage": "candidates", "prompts": len(kept), "prompt_tokens": tokens, "output_tokens": 0}
    write_json(args.costs, {**costs, "seconds": seconds})
    bare = sum(not row["candidates"] for row in kept)
    print(f"weigh_candidates: n_in={len(kept)} n_out={len(kept)} without_candidates={bare}")


if __name__ == "__main__":
    run(main)
