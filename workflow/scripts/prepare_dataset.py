"""Write the tables, the demonstrations and the card of a data set from its source in the config."""

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path

from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.core.program import run
from interexter.data import limits, preparation, sources
from interexter.data.schemas import QUESTIONS


def main() -> None:
    """Load a source, write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--source", type=json.loads, required=True, help="JSON object: kind and the kind's keys")
    for name in preparation.Paths._fields:
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--demonstrations", type=Path, required=True)
    parser.add_argument("--card", type=Path, required=True)
    args = parser.parse_args()
    limits.keep_to_memory()
    paths = preparation.Paths(*(getattr(args, name) for name in preparation.Paths._fields))
    failed = args.rejected.with_suffix(".failed.parquet"), args.card.with_suffix(".failed.json")
    for path in failed:
        path.unlink(missing_ok=True)
    if args.source["kind"] in sources.EMBEDDED:
        card, demonstrations = preparation.embedded(args.source, args.dataset, paths)
    else:
        try:
            card, demonstrations = preparation.prepare(args.source, args.dataset, paths)
        except preparation.NoQuestions as error:
            shutil.copyfile(args.rejected, failed[0])  # outputs of a failed job are deleted
            write_json(failed[1], error.card)
            raise UserError(
                f"{error}. {failed[0]} has every record with its reason, {failed[1]} what was read."
            ) from error
    write_json(args.demonstrations, demonstrations)
    write_json(args.card, card)
    said = {key: card[key] for key in ("counts", "other_columns", "rejected", "published") if card.get(key)}
    rejected = tables.count(args.rejected)
    splits = Counter(tables.read_table(args.questions, QUESTIONS, ["split"])["split"].to_pylist())
    counts = f"n_out={splits.total()} n_rejected={rejected} n_passages={card['passages']}"
    counts += "".join(f" {split}={n}" for split, n in sorted(splits.items()))
    for notice in card.get("notices", []):
        print(f"prepare_dataset: NOTICE: {notice}")
    print(f"prepare_dataset: {counts} {json.dumps(said) if said else ''}".rstrip())


if __name__ == "__main__":
    run(main)
