"""Fetch the files of a published prompt set, check them, and write their texts for one data set."""

import argparse
from pathlib import Path

from interexter.core.program import run
from interexter.engine import prompt_files, published_prompts


def main() -> None:
    """Take the local copies, or the cached ones, or download them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", choices=sorted(published_prompts.SETS), required=True)
    parser.add_argument("--local", action="append", default=[], help="NAME=FILE: a copy of a published file")
    parser.add_argument("--worked-examples", type=Path, help="JSON: evidence state -> the example after its guide")
    parser.add_argument("--note", default="", help="the data set whose note ends the prompts for rationales")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    local = dict(one.split("=", 1) for one in args.local)
    copies = {name: Path(file).expanduser() for name, file in local.items()}
    found = prompt_files.of_set(args.name, copies, args.cache)
    if args.worked_examples:
        found |= prompt_files.worked_examples(args.worked_examples.expanduser())
    published_prompts.write(args.name, found, args.note, args.out)
    print(f"published prompts: {args.name}, {len(found)} texts, note {args.note or 'none'}")


if __name__ == "__main__":
    run(main)
