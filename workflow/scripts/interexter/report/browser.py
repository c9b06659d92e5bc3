"""The page of single examples: every answer, to be filtered, read and compared, however many there are.

The page itself holds the names of runs alone. Texts lie beside it in pieces, compressed scripts that it loads when they
are asked for: a page that is opened from a folder may load scripts, and nothing else. Pieces of questions hold what was
shown under one condition, pieces of answers what one run answered to the same questions. The page builds text nodes
only: nothing that a model or a data set says becomes markup.
"""

import base64
import gzip
import hashlib
import json
import shutil
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..core.tables import Row
from ..text.final_answers import final_answer
from ..text.labels import LABELS
from ..text.stance import is_injected
from .cases import in_order
from .highlight import without_controls
from .inputs import Inputs
from .studies import Study, short_names, studies

HERE = Path(__file__).parent
PIECE = 1000  # questions of a piece


def render(inputs: Inputs, folder: Path) -> str:
    """Write the pieces into a folder, and return the page that loads them; the same inputs give the same bytes."""
    beside = folder.with_name(f".{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    index = write_pieces(inputs, beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    script = (HERE / "browser.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    return environment.get_template("browser.html.j2").render(
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
        browser_style=Markup((HERE / "browser.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=digest,
        data=Markup(_json({**index, "folder": folder.name})),
    )


def write_pieces(inputs: Inputs, folder: Path) -> dict[str, Any]:
    """Write all pieces, and return their index: labels, relations, and of each run its name, condition and pieces.

    A run's pieces are pairs of names, of questions and of the answers to them.
    """
    named = _run_names(studies(inputs.metrics, inputs.config))
    relations: set[str] = set()
    runs = []
    for dataset in sorted(inputs.example_files):
        checkpoints = [key for key in inputs.answer_files if key[0] == dataset]
        labels = inputs.labels[inputs.labels["dataset"] == dataset]
        for number, condition in enumerate(inputs.conditions(dataset)):
            pieces: dict[tuple[str, ...], list[tuple[str, str]]] = {}
            told = labels[labels["condition"] == condition]
            given = {key: _Ahead(inputs.shards(*key, condition=condition)) for key in checkpoints}
            examples = inputs.examples(dataset, condition)
            for part in count():
                rows = list(islice(examples, PIECE))
                if not rows:
                    break
                asked = f"{dataset}-{number}-{part}"
                relations.update(row["relation"] for row in rows)
                _write(folder, asked, _questions(rows))
                index = {row["question_id"]: i for i, row in enumerate(rows)}
                of_part = told[told["question_id"].isin(index)]
                for (_, model, checkpoint), ahead in given.items():
                    mine = of_part[(of_part["model"] == model) & (of_part["checkpoint"] == checkpoint)]
                    said = {(row["method"], row["question_id"]): row for row in mine.to_dict("records")}
                    for method, answers in _by_method(ahead.of(index), index):
                        name = f"{asked}-{model}-{checkpoint}-{method}"
                        _write(folder, name, _answers(answers, index, said))
                        pieces.setdefault((dataset, model, checkpoint, method), []).append((asked, name))
            for run, names in pieces.items():
                runs.append([named.get(run, "/".join(run)), condition, names])
    return {"labels": LABELS, "relations": sorted(filter(None, relations)), "runs": runs}


def _questions(rows: Sequence[Row]) -> list[list[Any]]:
    """Return of each question its id, text, both sides' names, relation, passages (title, text, stance, injector)."""
    return [
        [
            row["question_id"],
            *map(_clean, (row["question"], row["answers"], row["counter_aliases"], row["relation"])),
            [_passage(passage) for passage in in_order(row["passages"])],
        ]
        for row in rows
    ]


class _Ahead:
    """The answers of a checkpoint under one condition, in the order of the examples, of each shard apart."""

    def __init__(self, shards: Iterable[Iterator[Row]]) -> None:
        self._shards = [(rows, next(rows, None)) for rows in shards]

    def of(self, index: Container[str]) -> Iterator[Row]:
        """Yield the answers that come next, as long as they are to these questions."""
        for i, (rows, row) in enumerate(self._shards):
            while row is not None and row["question_id"] in index:
                yield row
                row = next(rows, None)
            self._shards[i] = rows, row


def _by_method(answers: Iterable[Row], index: dict[str, int]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the methods with their answers, sorted by both."""
    found: dict[str, list[Row]] = {}
    for row in answers:
        found.setdefault(row["method"], []).append(row)
    for method in sorted(found):
        yield method, sorted(found[method], key=lambda row: index[row["question_id"]])


def _answers(answers: Sequence[Row], index: dict[str, int], said: dict[tuple[str, str], Row]) -> list[list[Any]]:
    """Return of each answer the index of its question, label, closed-book label, text and final answer."""
    rows = []
    for answer in answers:
        told = said.get((answer["method"], answer["question_id"]))
        if told is not None:
            rows.append(
                [
                    index[answer["question_id"]],
                    LABELS.index(told["label"]),
                    LABELS.index(told["closed_book_label"]),
                    _clean(answer["text"]),
                    _clean(final_answer(answer["text"])),
                ]
            )
    return rows


def _write(folder: Path, name: str, content: Any) -> None:
    """Write a piece: a script that hands the page its name, and its content as compressed JSON in base64."""
    packed = base64.b64encode(gzip.compress(_json(content).encode(), mtime=0)).decode()
    (folder / f"{name}.js").write_text(f"piece({json.dumps(name)}, {json.dumps(packed)});\n", encoding="utf-8")


def _run_names(found: list[Study]) -> dict[tuple[str, ...], str]:
    """Name the methods of each study; with data set and model where there are several studies."""
    named: dict[tuple[str, ...], str] = {}
    for study in found:
        for (checkpoint, method), name in short_names(study.series).items():
            title = f"{name} \u00b7 {study.title}" if len(found) > 1 else name
            named[(study.dataset, study.model, checkpoint, method)] = title
    return named


def _passage(passage: dict[str, Any]) -> tuple[str, ...]:
    injector = passage["injector"] or "the data set" if is_injected(passage) else ""
    return (_clean(passage["title"]), _clean(passage["text"]), passage["stance"], injector)


def _clean(value: Any) -> Any:
    return without_controls(value) if isinstance(value, str) else [without_controls(text) for text in value]


def _json(value: Any) -> str:
    """Write JSON that nothing within HTML can end or begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
