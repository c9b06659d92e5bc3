"""Print the headline table of a run, whether the conflict fired, and where the report lies."""

import argparse
from pathlib import Path

from interexter.core import program, tables
from interexter.report import headline, inputs
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.metrics import METRIC_VALUES
from rich.console import Console


def main() -> None:
    """Parse, read, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "metrics", "comparisons", "report"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()

    config = inputs.read_config(args.config)
    metrics = tables.read_rows(args.metrics, METRIC_VALUES)
    comparisons = tables.read_rows(args.comparisons, COMPARISONS)
    headline.show(Console(highlight=False), metrics, comparisons, config, args.report)


if __name__ == "__main__":
    program.run(main, job=False)
