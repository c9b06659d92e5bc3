"""The accepted rationales of a data set as a folder that model hubs and `datasets.load_dataset` read, with a card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.files import write_text
from ..core.identity import file_id
from ..core.tables import Row
from . import data_folder, exporting
from .card_text import card_text

Source = tuple[int, str, str]  # seed, model, source of rationales, such as `self`
MADE = {  # how rationales of a source came about
    "self": "written by the model, which was shown passages and gold answers",
    "without-answers": "written by the model, which was shown passages and no answer, whatever answer it came to",
    "without-documents": "written by the model, which was shown gold answers and no passage",
    "template": "filled in by rule: no model wrote them",
    "shipped": "came with the data set, whose source says who wrote them",
}


def write(
    folder: Path, rationales: Mapping[Source, Sequence[Row]], data_card: Mapping[str, Any], address: str = ""
) -> list[Path]:
    """Write conversations (exporting.conversations) in both forms, and README.md; return the files of rows.

    A source without rows has no file and is not named in the card, since `datasets` refuses an empty one. Where all are
    empty, nothing is written. Each config has a version, which is of its content: `datasets` knows what it has loaded
    by names and versions alone, and would give the rows of another study's folder.

    `address` is as in data_folder.write.
    """
    written: dict[Source, list[Path]] = {}
    for (seed, model, source), rows in rationales.items():
        if files := exporting.write(folder / f"seed-{seed}" / model, source, rows):
            written[seed, model, source] = files
    if written:
        counts = {key: len(rows) for key, rows in rationales.items()}
        write_text(folder / "README.md", _card(_configs(folder, written), counts, data_card, address))
    return [path for paths in written.values() for path in paths]


def _configs(folder: Path, written: Mapping[Source, list[Path]]) -> list[dict[str, Any]]:
    """Return the card's configs, one for each source and form."""
    return [
        {
            "config_name": f"{model}-{source}-seed-{seed}-{form}",
            "version": f"0.0.{int(file_id(path)[:8], 16)}",
            "data_files": [{"split": "train", "path": path.relative_to(folder).as_posix()}],
        }
        for (seed, model, source), paths in written.items()
        for form, path in zip(exporting.FORMS, paths, strict=True)
    ]


def _card(
    configs: list[dict[str, Any]], counts: Mapping[Source, int], data_card: Mapping[str, Any], address: str
) -> str:
    name = data_card["name"]
    head = {
        "pretty_name": f"{name}: rationales about passages that contradict each other",
        "license": data_folder.licence(data_card),
        "task_categories": ["text-generation"],
        "tags": ["knowledge-conflict", "retrieval-augmented-generation"],
        "configs": configs,
    }
    lines = [
        f"# Rationales on {name}",
        "",
        "Each row is a prompt with passages and a rationale about them, which leads to an answer. Made by "
        "InterExterRAG; the study accepted all of them. A config is a model, a source of rationales, a seed of the "
        "study and a form: `messages`, or `prompt-completion`, of which the loss counts on the completion alone.",
        "",
        "```python",
        f'load_dataset("{address or name}", "{configs[0]["config_name"]}")  # or the path of this folder',
        "```",
        "",
        "| model | source | seed | rows |",
        "|---|---|--:|--:|",
        *(f"| {model} | {source} | {seed} | {count} |" for (seed, model, source), count in counts.items()),
        "",
        *(f"- `{source}`: {MADE[source]}." for source in dict.fromkeys(source for _, _, source in counts)),
        "",
        "## Sources and licences",
        "",
        *data_folder.sources(data_card),
    ]
    return card_text(head, lines)
