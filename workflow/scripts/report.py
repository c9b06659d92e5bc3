"""Write the report of a run: a self-contained HTML page, and another of all single examples."""

import argparse
from pathlib import Path

from interexter.core import program, tables
from interexter.core.files import write_text
from interexter.report import browser, inputs, page
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.costs import COSTS
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.published_numbers import PUBLISHED_NUMBERS


def main() -> None:
    """Parse, read every table, write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "metrics", "comparisons", "costs", "manifest"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("labels", "answers", "examples", "gates", "recall", "recall-at-k"):
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], metavar="FILE")
    for name in ("rationales", "rationales-rejected", "training-logs", "training-speed"):
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--published", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="the HTML page")
    parser.add_argument("--examples-out", type=Path, required=True, help="the HTML page of single examples")
    args = parser.parse_args()

    run = inputs.Inputs(
        config=inputs.read_config(args.config),
        manifest=inputs.read_json(args.manifest),
        metrics=tables.read_rows(args.metrics, METRIC_VALUES),
        comparisons=tables.read_rows(args.comparisons, COMPARISONS),
        costs=tables.read_rows(args.costs, COSTS),
        labels=[row for path in sorted(args.labels) for row in tables.read_rows(path, LABELLED)],
        answers=inputs.read_answers(args.answers),
        examples=inputs.read_examples(args.examples),
        recall_at_k=inputs.read_recall_at_k(args.recall_at_k),
        recall=inputs.read_recall(args.recall),
        rationales=inputs.read_rationales(args.rationales, rejected=False),
        rationales_rejected=inputs.read_rationales(args.rationales_rejected, rejected=True),
        training_logs=inputs.read_training_logs(args.training_logs),
        training_speed=inputs.read_training_speed(args.training_speed),
        gates=inputs.read_gates(args.gates),
        published=[row for path in args.published for row in tables.read_rows(path, PUBLISHED_NUMBERS)],
    )
    html = page.render(run)
    write_text(args.out, html)
    write_text(args.examples_out, browser.render(run))
    print(f"report: n_metrics={len(run.metrics)} n_labels={len(run.labels)} kib={len(html.encode()) // 1024}")


if __name__ == "__main__":
    program.run(main)
