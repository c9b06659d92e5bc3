"""Join the metrics of runs that differ in nothing but their seed: mean and spread of each metric, as a CSV table."""

import argparse
import csv
from pathlib import Path

from interexter.core.program import run
from interexter.core.tables import read_rows
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.seeds import COLUMNS, over_seeds


def main() -> None:
    """Read metrics, write one row for each metric of each series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="results/report/metrics.parquet of each")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    args = parser.parse_args()
    rows = over_seeds(row for path in args.metrics for row in read_rows(path, METRIC_VALUES))
    with args.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"over seeds: n_files={len(args.metrics)} n_out={len(rows)}")


if __name__ == "__main__":
    run(main, job=False)
