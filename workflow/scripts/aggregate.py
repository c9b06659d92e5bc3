"""Aggregate the labels of a model on a data set: metrics of every method and condition, and paired comparisons."""

import argparse
import json
from pathlib import Path

import pyarrow as pa
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.core.tables import read_rows, read_table, write_rows
from interexter.scoring import citation_means
from interexter.scoring.citation_tables import CITATIONS
from interexter.scoring.comparisons import COMPARISONS, compare
from interexter.scoring.comparisons import ordered as in_order
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.mixture import against_mixture
from interexter.scoring.series import by_series, contested, over_seeds
from interexter.scoring.series_columns import SERIES
from interexter.scoring.summaries import ordered, summarize


def main() -> None:
    """Read the labels of all checkpoints, write metrics and comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="a file for each checkpoint")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="of other models, for comparisons with them")
    parser.add_argument("--citations", type=Path, nargs="*", default=[], help="scores of citations, if they are wanted")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--control", required=True, help="the condition without injected passages")
    parser.add_argument("--controls", type=json.loads, default={}, help="JSON: condition -> what it is compared with")
    parser.add_argument("--reference", required=True, help="the method that the others are compared with")
    parser.add_argument("--named", type=json.loads, default={}, help="JSON: the comparisons that the config names")
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--comparisons", type=Path, required=True)
    args = parser.parse_args()
    labels = pa.concat_tables([read_table(path, LABELLED) for path in args.labels])
    if not labels.num_rows:
        raise UserError(f"{args.labels[0]}: no labels in any of {len(args.labels)} files, so nothing to aggregate.")
    series = by_series(pa.concat_tables([labels, *(read_table(path, LABELLED) for path in args.others)]))
    models = set(labels["model"].unique().to_pylist())
    own = {key: answers for key, answers in series.items() if key[list(SERIES).index("model")] in models}
    cited = [row for path in args.citations for row in read_rows(path, CITATIONS)]
    clusters = dict(zip(labels["question_id"].to_pylist(), labels["cluster"].to_pylist(), strict=True))
    described = {**own, **over_seeds(own)}
    metrics = ordered([*summarize(described, args.seed, args.control), *citation_means.summarize(cited, clusters)])
    # Where there are several seeds, all of them are compared together.
    whole = contested(over_seeds(series) or series)
    compared = compare(whole, args.seed, args.control, args.reference, args.named, args.controls)
    compared += against_mixture(whole, args.control, args.reference, args.controls)
    comparisons = [row for row in compared if row["model"] in models]
    write_rows(args.metrics, metrics, METRIC_VALUES)
    write_rows(args.comparisons, in_order(comparisons), COMPARISONS)
    print(f"aggregate: n_in={labels.num_rows} n_metrics={len(metrics)} n_comparisons={len(comparisons)}")


if __name__ == "__main__":
    run(main)
