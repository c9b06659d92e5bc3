"""Write the questions, the corpus and the card of a data set from its source in the config."""

import argparse
import json
import os
from collections import Counter
from pathlib import Path

os.environ.setdefault("HF_HOME", ".cache/huggingface")  # read when huggingface_hub is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from interexter import sources
from interexter.errors import run
from interexter.tables import CORPUS, QUESTIONS, write_rows, write_text


def main() -> None:
    """Load a source, write three files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--source", type=json.loads, required=True, help="JSON object: kind and the kind's keys")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--card", type=Path, required=True)
    args = parser.parse_args()
    if args.source["kind"] == "atlas":
        from interexter import atlas

        questions, corpus, card = atlas.questions(), atlas.corpus(), atlas.card()
    else:
        questions, corpus = sources.load(args.source, args.dataset)
        card = {
            "source": args.source,
            "questions": dict(Counter(row["split"] for row in questions)),
            "passages": len(corpus),
        }
    write_rows(args.questions, [{**row, "dataset": args.dataset} for row in questions], QUESTIONS)
    write_rows(args.corpus, corpus, CORPUS)
    write_text(args.card, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    print(f"prepare_dataset: n_questions={len(questions)} n_passages={len(corpus)}")


if __name__ == "__main__":
    run(main)
