"""Write what a finished study made in forms that other tools read: `make export CONFIG=config/mine.yaml`.

Training rows and accepted rationales as JSON Lines of chat messages, and the gated examples as data set folders, below
results/exports of the study (docs/exports.md). Starts no engine.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interexter.answers import methods
from interexter.answers.schemas import RATIONALES, RECALL
from interexter.core.errors import UserError
from interexter.core.files import folder_beside
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.tables import Row, read_rows
from interexter.engine.published_prompts import open_prompts
from interexter.models.tokenizer import Tokenizer
from interexter.study import layout, places, settings
from interexter.training import data_folder, exporting
from interexter.training.rows import TRAINING, Examples, candidates, read_examples
from show_prompt import prompt_set_of

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
        tables = {
            (seed, split): layout.examples(results, config, dataset, seed, split)
            for seed in config["seeds"]
            for split in layout.SPLITS
        }
        card = read_json(results / "data" / dataset / "card.json")
        written = data_folder.write(folder / "examples" / dataset, tables, card, config["conditions"])
        yield f"examples/{dataset}: {len(written)} tables" if written else f"examples/{dataset}: no rows, so no folder"
    for dataset, seed, model in layout.seeded_runs(config):
        one = Run(results, config, dataset, seed, model)
        place = Path(dataset, f"seed-{seed}", model)
        for name, rows in [*one.rationales(), *one.training_rows()]:
            exporting.write(folder / Path(name).parent / place, Path(name).name, rows)
            said = f"{len(rows)} rows" if rows else "no rows, so no file"
            yield f"{Path(name).parent / place / Path(name).name}: {said}"


class Run:
    """What a study has of one data set, seed and model."""

    def __init__(self, results: Path, config: dict[str, Any], dataset: str, seed: int, model: str) -> None:
        """Read its training examples, and what the model remembers."""
        self._at = (results, config, dataset, seed, model)
        self._examples: Examples = read_examples(
            layout.examples(results, config, dataset, seed, "train"), config["train"]["conditions"]
        )
        recalled = read_rows(layout.recall(results, dataset, model), RECALL)
        # A model of a server has no tokenizer here, and trains nothing.
        served = model in layout.of_servers(config)
        self._tokenizer = None if served else Tokenizer(results / "models" / model)
        self._memory = {row["question_id"]: row["internal_document"] for row in recalled}

    def rationales(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield name and conversations of each source of rationales.

        The prompt of a rationale is that of the method which a checkpoint trained on its style serves.
        """
        results, config, dataset, seed, model = self._at
        taken = {config["recipes"][name]["rationales"] for name in layout.trained(config)}
        for source in sorted({*layout.written_rationales(config), *taken}):
            path = layout.rationales(results, dataset, seed, model, source)
            rows = read_rows(path, RATIONALES) if path.is_file() else []
            said = []
            for style in sorted({row["style"] for row in rows}):
                targets = [{**row, "completion": row["rationale"]} for row in rows if row["style"] == style]
                said += self._conversations(f"{style}-ft", targets)
            yield f"rationales/{source}", said

    def training_rows(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield name and conversations of each recipe that was trained; raise UserError if they are other tokens."""
        results, config, dataset, seed, model = self._at
        if self._tokenizer is None:
            return
        for recipe in layout.trained(config):
            chosen = config["recipes"][recipe]
            evidence = layout.evidence(results, dataset, seed, model, "train")
            rationales = layout.rationales(results, dataset, seed, model, chosen["rationales"])
            target = methods.load(chosen["method"]).TARGET
            known = {_key(row): row for row in candidates(target, self._examples, evidence, rationales)}
            trained = read_rows(
                layout.of_seed(results, "training", dataset, seed) / model / f"{recipe}.parquet", TRAINING
            )
            if lost := [row["question_id"] for row in trained if _key(row) not in known]:
                raise UserError(f"{recipe}: no rationale is left for {lost[:3]}. Run the study again, then export.")
            rows = self._conversations(chosen["method"], [known[_key(row)] for row in trained])
            exporting.check_tokens(rows, trained, self._tokenizer)
            yield f"training/{recipe}", rows

    def _conversations(self, method: str, targets: list[Row]) -> list[Row]:
        results, config, dataset, *_ = self._at
        ask = methods.Ask(
            open_prompts(prompt_set_of(results, config, dataset, method)), answer_tokens=1, rationale_tokens=1
        )
        rows = exporting.conversations(targets, self._examples, self._memory, methods.load(method), ask)
        return exporting.plain(rows, self._tokenizer) if self._tokenizer else rows


def _key(row: Row) -> tuple[str, str]:
    return row["question_id"], row["condition"]


if __name__ == "__main__":
    run(main, job=False)
