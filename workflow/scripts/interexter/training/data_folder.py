"""The gated examples of a data set as a folder that model hubs and `datasets.load_dataset` read: tables and a card."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.files import write_text
from ..core.identity import file_id
from ..core.tables import count, read_batches, values, write_batches
from ..injection.compose import EXAMPLES
from .card_text import card_text

Tables = Mapping[tuple[int, str], Path]  # examples by seed and split
_COLUMNS = {
    "question_id": "names the question; the same under all conditions and seeds",
    "condition": "how the passages were put together, see below",
    "question": "as the model is asked it",
    "answers": "the gold answers, the first of which is the usual name",
    "counter_answer": "what contradicting passages say instead; empty where nothing does",
    "counter_aliases": "other names of it, itself included",
    "other_names": "of something else, that hold one of these names: South Africa, where an answer is Africa",
    "subject": "what the question is about",
    "relation": "what is asked of it",
    "popularity": "of the subject, where the source tells it",
    "passages": "what is shown, each with `title`, `text`, `rank` (1 is shown first), `origin` and `stance`",
}
# How hubs write the licences that they know.
_LICENCE = re.compile(r"cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[234]\.0|apache-2\.0|mit")


def write(
    folder: Path, tables: Tables, data_card: Mapping[str, Any], conditions: Mapping[str, Any], address: str = ""
) -> list[Path]:
    """Write the tables of EXAMPLES that have rows, and README.md; return the tables that were written.

    `datasets` refuses a split without rows, so an empty table is neither written nor named; the card says that it is
    empty. Where all are empty, nothing is written. A table's name holds a hash of its content: `datasets` knows what it
    has loaded by the names of folder, configs and files alone, and would give the rows of another study's folder.

    Args:
        folder: where to.
        tables: where the examples are.
        data_card: the data set's card.json.
        conditions: the study's conditions by name, with their settings.
        address: the repository that the folder goes to, for the card; the data set's name stands in for none.
    """
    full = {key: path for key, path in tables.items() if count(path)}
    written = {}
    for (seed, split), path in full.items():
        place = folder / f"seed-{seed}" / f"{split}.parquet"
        groups = (
            batch
            for condition in values(path, "condition")
            for batch in read_batches(path, EXAMPLES, where={"condition": condition})
        )
        write_batches(place, groups, EXAMPLES)
        written[seed, split] = place.rename(place.with_stem(f"{split}-{file_id(place)[:12]}"))
    if written:
        files = {key: path.relative_to(folder).as_posix() for key, path in written.items()}
        write_text(folder / "README.md", _card(files, tables, data_card, conditions, address))
    return list(written.values())


def _card(
    files: Mapping[tuple[int, str], str],
    tables: Tables,
    data_card: Mapping[str, Any],
    conditions: Mapping[str, Any],
    address: str,
) -> str:
    name = data_card["name"]
    configs = _configs(files)
    head = {
        "pretty_name": f"{name}: questions with passages that contradict each other",
        "license": licence(data_card),
        "task_categories": ["question-answering"],
        "tags": ["knowledge-conflict", "retrieval-augmented-generation"],
        "configs": configs,
    }
    lines = [
        f"# {name}",
        "",
        "Each row is a question with the passages that a model is shown under one condition. Some passages support a "
        "gold answer, some were put there to contradict it. Made by InterExterRAG; every row passed the study's gates.",
        "",
        "A config is a seed of the study, by which counter-answers and places were drawn:",
        "",
        "```python",
        f'load_dataset("{address or name}", "{configs[0]["config_name"]}")  # or the path of this folder',
        "```",
        "",
        "| column | |",
        "|---|---|",
        *(f"| `{column}` | {_COLUMNS[column]} |" for column in EXAMPLES.names),
        "",
        "## Rows",
        "",
        *_rows(tables),
        "",
        "## Conditions",
        "",
        "| condition | settings |",
        "|---|---|",
        *(f"| {one} | {_settings(conditions[one])} |" for one in _shown(tables) if one in conditions),
        "",
        "## Sources and licences",
        "",
        *sources(data_card),
    ]
    return card_text(head, lines)


def licence(data_card: Mapping[str, Any]) -> str:
    """Return a data set's licence as hubs name it: `other` for several or one they do not know, `unknown` for none."""
    stated = sorted({source["licence"] for source in data_card.get("sources", {}).values()})
    told = data_card.get("licence") or (stated[0] if len(stated) == 1 else "")
    found = told.lower().replace(" ", "-")
    return found if _LICENCE.fullmatch(found) else "other" if told or stated else "unknown"


def sources(data_card: Mapping[str, Any]) -> list[str]:
    """Return the lines of a card that name a data set's sources with their licences."""
    lines = [f"- {source}: {of['licence']}" for source, of in data_card.get("sources", {}).items()]
    if not lines and {"from", "licence"} <= data_card.keys():
        lines = [f"- {data_card['from']}: {data_card['licence']}"]
    return lines or ["None is stated; look at the source before you pass it on."]


def _configs(files: Mapping[tuple[int, str], str]) -> list[dict[str, Any]]:
    """Return the card's configs, one for each seed; the first is what is loaded if none is named."""
    seeds = list(dict.fromkeys(seed for seed, _ in files))
    configs: list[dict[str, Any]] = []
    for seed in seeds:
        shown = [{"split": split, "path": path} for (of, split), path in files.items() if of == seed]
        first = {} if configs else {"default": True}
        configs.append({"config_name": f"seed-{seed}", **first, "data_files": shown})
    return configs


def _rows(tables: Tables) -> list[str]:
    """Return a table of how many rows each condition has in each table."""
    counts: dict[tuple[int, str], Counter[str]] = {}
    for key, path in tables.items():
        counts[key] = Counter()
        for batch in read_batches(path, EXAMPLES, ["condition"]):
            counts[key].update(batch["condition"].to_pylist())
    shown = _shown(tables)
    lines = [f"| seed | split | {' | '.join(shown)} |", f"|---|---|{'--:|' * len(shown)}"]
    for (seed, split), found in counts.items():
        numbers = " | ".join(str(found[condition]) for condition in shown)
        lines.append(f"| {seed} | {split}{'' if found else ' (empty, so not a split of the data set)'} | {numbers} |")
    return lines


def _shown(tables: Tables) -> list[str]:
    """Return the conditions of all tables, in the order in which they first stand."""
    return list(dict.fromkeys(name for path in tables.values() for name in values(path, "condition")))


def _settings(condition: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in condition.items())
