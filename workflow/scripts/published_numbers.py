"""Put published figures beside ours: what the run shares with them, the difference and its interval."""

import argparse
import json
from pathlib import Path

from interexter.core.files import write_text
from interexter.core.program import run
from interexter.core.tables import read_rows, write_rows
from interexter.scoring.csv_tables import csv_of
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.published_numbers import PUBLISHED_NUMBERS, beside, read


def main() -> None:
    """Read our metrics and the published figures, write both side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--names", type=json.loads, required=True, help="JSON: datasets, models, series: their names")
    parser.add_argument("--control", required=True, help="the condition without injected passages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--csv", type=Path, required=True)
    args = parser.parse_args()
    metrics, figures = read_rows(args.metrics, METRIC_VALUES), read()
    rows = beside(metrics, figures, args.names, args.control)
    write_rows(args.out, rows, PUBLISHED_NUMBERS)
    write_text(args.csv, csv_of(rows, PUBLISHED_NUMBERS))
    print(f"published numbers: n_metrics={len(metrics)} n_figures={len(figures)} n_out={len(rows)}")


if __name__ == "__main__":
    run(main)
