"""Fetch a published prompt file, check it, and write its texts for one data set."""

import argparse
from pathlib import Path

from interexter.core.program import run
from interexter.engine import prompt_files, published_prompts


def main() -> None:
    """Take the local copy, or the cached one, or download it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", choices=sorted(published_prompts.SOURCES), required=True)
    parser.add_argument("--local", help="a copy of the file")
    parser.add_argument("--note", default="", help="the data set whose note ends the prompts for rationales")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    found = prompt_files.texts(args.name, Path(args.local) if args.local else None, args.cache)
    published_prompts.write(args.name, found, args.note, args.out)
    print(f"published prompts: {args.name}, {len(found)} texts, note {args.note or 'none'}")


if __name__ == "__main__":
    run(main)
