"""Print the headline table of a run, whether the conflict fired, and where the report lies."""

import argparse
from pathlib import Path

from interexter import program, tables
from interexter.report import headline, inputs
from rich.console import Console


def main() -> None:
    """Parse, read, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "metrics", "comparisons", "report"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()

    config = inputs.read_config(args.config)
    metrics = tables.read_rows(args.metrics, tables.METRICS)
    comparisons = tables.read_rows(args.comparisons, tables.COMPARISONS)
    headline.show(Console(highlight=False), metrics, comparisons, config, args.report)


if __name__ == "__main__":
    program.run(main, job=False, pandas=False)
