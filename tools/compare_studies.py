"""Set the series of two studies side by side: `make compare A=config/a.yaml B=config/b.yaml`.

A study is its config, or its folder. Both must have asked the same questions. What is compared are series of the same
condition, method and so on; `--only-a method=vanilla-rag` and `--only-b method=interexter-icl` choose others.
"""

import argparse
import csv
from itertools import groupby
from pathlib import Path

import pyarrow as pa
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.scoring.between_studies import COLUMNS, METRICS, SIDES, side_by_side
from interexter.scoring.comparisons import COMPARED
from interexter.scoring.judgements import LABELLED
from interexter.scoring.series_columns import SERIES
from interexter.study import layout, places, settings

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Read the labels of both, compare, print, write a CSV table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for side in SIDES:
        parser.add_argument(f"--{side}", required=True, help="config or folder of a study")
        parser.add_argument(
            f"--only-{side}", nargs="*", default=[], metavar="KEY=VALUE", help="the series that is meant"
        )
    parser.add_argument("--metric", nargs="*", choices=COMPARED, default=METRICS)
    parser.add_argument("--out", type=Path, help="CSV file; by default studies/A-B.csv")
    args = parser.parse_args()
    folders = {side: folder(side, getattr(args, side)) for side in SIDES}
    only = {side: dict(chosen(text) for text in getattr(args, f"only_{side}")) for side in SIDES}
    if folders["a"].samefile(folders["b"]) and only["a"] == only["b"]:
        raise UserError("A and B are one study: name another, or two of its series by --only-a and --only-b.")
    seed = read_json(folders["a"] / "results/config.json")["seed"]
    rows = side_by_side(labels(folders["a"]), labels(folders["b"]), only, seed, args.metric)
    out = args.out or ROOT / places.STUDIES / f"{'-'.join(one.name for one in folders.values())}.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(shown(rows, folders))
    if unknown := [metric for metric in args.metric if metric not in {row["metric"] for row in rows}]:
        print(f"\nOn no question that both have is there a value of: {', '.join(unknown)}.")
    print(f"\ncompare: n_out={len(rows)} {out}")


def folder(side: str, study: str) -> Path:
    """Return the folder of a study; raise UserError where none is named, or it has no finished report."""
    if not study:
        raise UserError(f"{side.upper()} names no study: make compare A=config/one.yaml B=config/two.yaml")
    path = ROOT / study
    found = path if path.is_dir() else places.folder(ROOT, path, settings.read(path))
    if not (found / "results/report/metrics.parquet").is_file():
        raise UserError(f"{found / 'results/report'}: there is no finished report. Run the study first.")
    return found


def labels(study: Path) -> pa.Table:
    """Return the labels of all answers of a study."""
    results = study / "results"
    config = read_json(results / "config.json")
    parts = [
        tables.read_table(layout.labels(results, *one, checkpoint), LABELLED)
        for one in layout.seeded_runs(config)
        for checkpoint in layout.checkpoints(config)
    ]
    return pa.concat_tables(parts)


def chosen(text: str) -> tuple[str, str]:
    """Return key and value of a text such as method=vanilla-rag; raise UserError for another key."""
    key, equals, value = text.partition("=")
    if not equals or key not in SERIES or key == "seed":
        names = ", ".join(name for name in SERIES if name != "seed")
        raise UserError(f"{text!r}: write KEY=VALUE with a key among {names}.")
    return key, value


def shown(rows: list[tables.Row], folders: dict[str, Path]) -> str:
    """Return a heading for each pair of series, and below it a line for each metric; shares are in per cent."""
    lines = [
        f"a is {folders['a'].name}, b is {folders['b'].name}; the difference is a minus b, with its 95 % interval."
    ]
    for pair, members in groupby(sorted(rows, key=_pair), _pair):
        a, b = pair
        lines += ["", a if a == b else f"{a}  against  {b}"]
        lines.append(
            f"  {'metric':16}{'a':>7}{'b':>7}{'difference':>12}{'interval':>18}{'p':>8}{'adjusted':>10}{'n':>6}"
        )
        for row in members:
            numbers = "".join(f"{100 * row[f'value_{side}']:>7.1f}" for side in SIDES)
            interval = f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
            ps = f"{row['p']:>8.3f}{row['p_adjusted']:>10.3f}{row['n']:>6}"
            lines.append(f"  {row['metric']:16}{numbers}{100 * row['difference']:>+12.1f}{interval:>18}{ps}")
    return "\n".join(lines)


def _pair(row: tables.Row) -> tuple[str, str]:
    a, b = (
        ", ".join([row[f"dataset_{side}"], row[f"model_{side}"], _method(row, side), row[f"condition_{side}"]])
        for side in SIDES
    )
    return a, b


def _method(row: tables.Row, side: str) -> str:
    return f"{row[f'checkpoint_{side}']}/{row[f'method_{side}']}"


if __name__ == "__main__":
    run(main, job=False)
