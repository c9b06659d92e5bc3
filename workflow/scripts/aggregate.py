"""Aggregate labels: the metrics of every method and condition, and their paired comparisons."""

import argparse
import json
from pathlib import Path

import pyarrow as pa
from interexter.core.errors import UserError
from interexter.core.files import write_text
from interexter.core.program import run
from interexter.core.tables import read_rows, read_table, write_rows
from interexter.scoring import citations
from interexter.scoring.citations import CITATIONS
from interexter.scoring.comparisons import COMPARISONS, compare
from interexter.scoring.csv_tables import csv_of
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES, summarize
from interexter.scoring.series import SERIES, by_series, check_asked


def main() -> None:
    """Read all labels, write metrics and comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--series",
        type=Path,
        nargs="+",
        required=True,
        help="what the study answers: a file for each data set and model",
    )
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--citations", type=Path, nargs="*", default=[], help="scores of citations, if they are wanted")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--control", required=True, help="the condition that the others are compared with")
    parser.add_argument("--reference", required=True, help="the method that the others are compared with")
    parser.add_argument("--metrics-csv", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--comparisons", type=Path, required=True)
    args = parser.parse_args()
    labels = pa.concat_tables([read_table(path, LABELLED) for path in args.labels])
    if not labels.num_rows:
        raise UserError(f"{args.labels[0]}: no labels in any of {len(args.labels)} files, so nothing to aggregate.")
    check_asked(labels, [json.loads(path.read_text()) for path in args.series])
    series = by_series(labels)
    cited = [row for path in args.citations for row in read_rows(path, CITATIONS)]
    metrics = sorted(
        [*summarize(series, args.seed, args.control), *citations.summarize(cited, args.seed)],
        key=lambda row: [row[name] for name in (*SERIES, "slice", "metric")],
    )
    comparisons = compare(series, args.seed, args.control, args.reference)
    write_rows(args.metrics, metrics, METRIC_VALUES)
    write_text(args.metrics_csv, csv_of(metrics, METRIC_VALUES))
    write_rows(args.comparisons, comparisons, COMPARISONS)
    print(f"aggregate: n_in={labels.num_rows} n_metrics={len(metrics)} n_comparisons={len(comparisons)}")


if __name__ == "__main__":
    run(main)
