"""The page of single examples: every answer, to be filtered, read and compared, from data within the page.

The data are compact: each text stands once, and rows are columns of numbers that point to texts. The
page's own script shows a few rows at a time, so that it stays fast with tens of thousands, and
builds text nodes only: nothing that a model or a data set says becomes markup.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..text.labels import LABELS
from ..text.stance import brought
from .cases import in_order
from .highlight import without_controls
from .inputs import Inputs
from .studies import Study, key_of, short_names, studies

HERE = Path(__file__).parent


def render(inputs: Inputs) -> str:
    """Return the page as HTML without external resources; the same inputs give the same bytes."""
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
        data=Markup(_json(data(inputs))),
    )


def data(inputs: Inputs) -> dict[str, Any]:
    """Return what the page shows: tables of texts, questions, passages and runs, and the answers as columns.

    A run is one series under one condition. Row i of the answers is column[i] of each column: `run`,
    `question` (each a place in its table), `label`, `closed` (places in `labels`), `text` and `final`
    (places in `texts`). A question ends in a number that data sets of the same questions share. A run's
    `shown` gives, for a question, the places of the passages shown.
    """
    texts, passages = _Table(), _Table()
    questions: dict[tuple[str, str], int] = {}
    numbers: dict[str, int] = {}  # of a question, whichever data set asks it
    asked: list[list[Any]] = []
    shown: dict[str, dict[int, list[int]]] = {}
    for (dataset, condition), rows in sorted(inputs.examples.items()):
        places = shown.setdefault(f"{dataset} {condition}", {})
        for row in sorted(rows, key=lambda row: row["question_id"]):
            key = (dataset, row["question_id"])
            if key not in questions:
                questions[key] = len(asked)
                about = (row["question"], row["answers"], row["counter_aliases"], row["relation"])
                asked.append([*map(_clean, about), numbers.setdefault(row["question_id"], len(numbers))])
            places[questions[key]] = [passages.place(_passage(p)) for p in in_order(row["passages"])]
    runs: dict[tuple[str, ...], int] = {}
    named = _run_names(studies(inputs.metrics, inputs.config))
    columns: dict[str, list[int]] = {name: [] for name in ("run", "question", "label", "closed", "text", "final")}
    for row in sorted(inputs.labels, key=lambda r: (*map(str, key_of(r)), *_run(r), r["question_id"])):
        answer = inputs.answers.get(_run(row), {}).get(row["question_id"])
        question = questions.get((row["dataset"], row["question_id"]))
        if answer is None or question is None:
            continue
        values = {
            "run": runs.setdefault(_run(row), len(runs)),
            "question": question,
            "label": LABELS.index(row["label"]),
            "closed": LABELS.index(row["closed_book_label"]),
            "text": texts.place(_clean(answer["text"])),
            "final": texts.place(_clean(answer["final_answer"])),
        }
        for name, value in values.items():
            columns[name].append(value)
    return {
        "labels": LABELS,
        "runs": [[named.get(run[:4], "/".join(run[:4])), run[4], f"{run[0]} {run[4]}"] for run in runs],
        "questions": asked,
        "passages": passages.rows,
        "shown": shown,
        "texts": texts.rows,
        "answers": columns,
    }


class _Table:
    """Distinct rows by place."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, row: Any) -> int:
        """Return the place of a row, which is added where it is new."""
        place = self._places.setdefault(row, len(self.rows))
        if place == len(self.rows):
            self.rows.append(row)
        return place


def _run(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("dataset", "model", "checkpoint", "method", "condition"))


def _run_names(found: list[Study]) -> dict[tuple[str, ...], str]:
    """Name the methods of each study; with data set and model where there are several studies."""
    named: dict[tuple[str, ...], str] = {}
    for study in found:
        for (checkpoint, method), name in short_names(study.series).items():
            title = f"{name} \u00b7 {study.title}" if len(found) > 1 else name
            named[(study.dataset, study.model, checkpoint, method)] = title
    return named


def _passage(passage: dict[str, Any]) -> tuple[str, ...]:
    injector = passage["injector"] or "the data set" if brought(passage) else ""
    return (_clean(passage["title"]), _clean(passage["text"]), passage["stance"], injector)


def _clean(value: Any) -> Any:
    return without_controls(value) if isinstance(value, str) else [without_controls(text) for text in value]


def _json(value: Any) -> str:
    """Write JSON that nothing within HTML can end or begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
