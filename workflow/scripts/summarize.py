"""Join the metrics and comparisons of all data sets and models, and correct p values over the whole study."""

import argparse
from pathlib import Path

from interexter.core.files import write_text
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.tables import read_rows, write_rows
from interexter.scoring.comparisons import COMPARISONS, corrected
from interexter.scoring.csv_tables import csv_of
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.summaries import ordered
from interexter.study import layout


def main() -> None:
    """Read the tables of every data set and model, write those of the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--config", type=Path, required=True, help="the study's resolved config")
    parser.add_argument("--metrics-csv", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--comparisons", type=Path, required=True)
    args = parser.parse_args()
    runs = list(layout.runs(read_json(args.config)))
    metrics = ordered([row for one in runs for row in read_rows(layout.metrics(args.results, *one), METRIC_VALUES)])
    compared = [row for one in runs for row in read_rows(layout.comparisons(args.results, *one), COMPARISONS)]
    write_rows(args.metrics, metrics, METRIC_VALUES)
    write_text(args.metrics_csv, csv_of(metrics, METRIC_VALUES))
    write_rows(args.comparisons, corrected(compared), COMPARISONS)
    print(f"summarize: n_in={len(runs)} n_metrics={len(metrics)} n_comparisons={len(compared)}")


if __name__ == "__main__":
    run(main)
