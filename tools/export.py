"""Write what a finished study made in forms that other tools read: `make export CONFIG=config/mine.yaml`.

Training rows and accepted rationales as JSON Lines of chat messages, the gated examples as data set folders, and
answers as logs of inspect_ai and of lm-evaluation-harness, below results/exports of the study (docs/exports.md). Starts
no engine.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interexter.core.errors import UserError
from interexter.core.files import folder_beside, write_text
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.scoring import inspect_logs, lm_eval_logs
from interexter.scoring.sample_logs import Series
from interexter.study import exports, layout, places, settings
from interexter.study.answered import Answered
from interexter.training import exporting

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Find the study, write its exports, say which."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, help="of the study")
    parser.add_argument("--results", type=Path, help="of the study, instead of its config; by default results")
    args = parser.parse_args()
    results = args.results or Path("results")
    if args.configfile:
        file = ROOT / args.configfile
        results = places.folder(ROOT, file, settings.read(file)) / "results"
    if not (results / "report/manifest.json").is_file():
        raise UserError(f"{results / 'report'}: there is no finished report. Run the study first.")
    with folder_beside(results / "exports") as folder:
        lines = list(write(results, read_json(results / "config.json"), folder))
    print(f"{results / 'exports'}:", *lines, sep="\n  ")


def write(results: Path, config: dict[str, Any], folder: Path) -> Iterator[str]:
    """Write all exports of a study to a folder; yield a line for each."""
    for dataset in config["datasets"]:
        written = exports.write_examples(folder / "examples" / dataset, results, config, dataset)
        yield f"examples/{dataset}: {len(written)} tables" if written else f"examples/{dataset}: no rows, so no folder"
        rationales = exports.write_rationales(folder / "rationales" / dataset, results, config, dataset)
        for (seed, model, source), count in rationales.items():
            yield f"rationales/{dataset}/seed-{seed}/{model}/{source}: {_said(count)}"
        if not rationales:
            yield f"rationales/{dataset}: no rows, so no folder"
    for dataset, seed, model in layout.seeded_runs(config):
        place = Path("training", dataset, f"seed-{seed}", model)
        for recipe, rows in exports.Run(results, config, dataset, seed, model).training_rows():
            exporting.write(folder / place, recipe, rows)
            yield f"{place / recipe}: {_said(len(rows))}"
    yield from _logs(results, config, folder)


def _said(rows: int) -> str:
    return f"{rows} rows" if rows else "no rows, so no file"


def _logs(results: Path, config: dict[str, Any], folder: Path) -> Iterator[str]:
    """Write the answers of each checkpoint as logs; yield a line for each."""
    commit = read_json(results / "report/manifest.json").get("git_commit")
    for dataset, seed, model in layout.seeded_runs(config):
        for checkpoint in layout.checkpoints(config):
            told = list(Answered(results, config, dataset, seed, model, checkpoint).series())
            place = Path(dataset, f"seed-{seed}")
            for series in told:
                path = folder / "inspect" / place / model / checkpoint / inspect_logs.file_name(series)
                _write_json(path, inspect_logs.log(series))
            if told:
                _write_lm_eval(folder / "lm-eval" / place / lm_eval_logs.folder(told[0]), told, commit)
            yield f"inspect, lm-eval: {len(told)} series of {place / model / checkpoint}"


def _write_lm_eval(folder: Path, told: list[Series], commit: str | None) -> None:
    date = lm_eval_logs.date(told)
    for series in told:
        lines = (json.dumps(line, ensure_ascii=False) for line in lm_eval_logs.samples(series))
        write_text(folder / f"samples_{lm_eval_logs.task(series)}_{date}.jsonl", "".join(f"{line}\n" for line in lines))
    _write_json(folder / f"results_{date}.json", lm_eval_logs.results(told, commit))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    """Write JSON as others do: without our checksum, which their readers would take for a key of theirs."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


if __name__ == "__main__":
    run(main, job=False)
