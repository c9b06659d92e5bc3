"""Label the answers of a checkpoint: gold, counter, both, neither or abstain, and what published scorers say."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interexter.core.program import run
from interexter.core.tables import write_batches
from interexter.scoring.judgements import LABELLED
from interexter.scoring.labelling import Sources, labelled
from interexter.text.labels import LABELS


def main() -> None:
    """Read answers, examples, evidence and closed-book answers, write one label per answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, nargs="+", required=True, help="a file for each shard")
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True, help="the training questions, whose answers are seen")
    parser.add_argument("--test", type=Path, required=True, help="the test questions")
    parser.add_argument("--parts", type=Path, required=True, help="the parts of the data set's questions")
    for name in ("dataset", "model", "checkpoint", "order"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> name of its prompt set")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    about = {name: getattr(args, name) for name in ("dataset", "model", "checkpoint", "order", "seed")}
    sources = Sources(args.answers, args.examples, args.evidence, args.recall, args.train, args.test, args.parts)
    counts: Counter[str] = Counter()

    def counted() -> Iterator[dict[str, Any]]:
        for columns in labelled(sources, about, args.prompt_sets):
            counts.update(columns["label"])
            yield columns

    write_batches(args.out, counted(), LABELLED)
    print(f"label: n_in={counts.total()} n_out={counts.total()}", *(f"{n}={counts[n]}" for n in LABELS))


if __name__ == "__main__":
    run(main)
