"""Write which series of answers a model gives on a data set: the methods of each checkpoint, and the conditions."""

import argparse
import json
from pathlib import Path

from interexter.core.files import write_text
from interexter.core.program import run


def main() -> None:
    """Write the list, for what reads all answers to follow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=json.loads, required=True, help="as JSON")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    write_text(args.out, json.dumps(args.series, indent=1) + "\n")
    print(f"series: n_conditions={len(args.series['conditions'])}")


if __name__ == "__main__":
    run(main)
