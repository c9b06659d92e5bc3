"""The page of single examples: every answer, to be filtered, read and compared.

The page is a shell with a catalog; questions, passages, labels and texts lie in pieces beside it, which
its script loads when they are asked for. So it opens at once however many answers there are. The
script shows a few at a time and builds text nodes only: nothing that a model or a data set says becomes markup.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..answers.kept_prompts import PROMPTS
from ..answers.schemas import ANSWERS
from ..core import tables
from ..core.errors import UserError
from ..core.tables import Row
from ..injection.compose import EXAMPLES
from ..scoring.judgements import LABELLED
from ..text.labels import LABELS
from ..text.passages import by_rank
from ..text.stance import is_injected
from . import palette, scripts
from .files import Part
from .highlight import without_controls
from .inputs import Inputs
from .pieces import Pieces, Stream
from .studies import Study, names, short_names, studies

HERE = Path(__file__).parent
_LABELLED = ("method", "question_id", "label", "closed_book_label", "final_answer")
_ANSWERS = ("method", "question_id", "text")

Cut = list[tuple[int, int]]  # the pieces of a list: the number of each, and of the items in it


def render(inputs: Inputs, folder: Path, name: str) -> str:
    """Write the pieces into a folder and return the page as HTML; the same inputs give the same bytes.

    `name` is what the folder is called beside the page.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    code = scripts.read("browser.js")
    return environment.get_template("browser.html.j2").render(
        style=Markup(palette.style() + (HERE / "style.css").read_text(encoding="utf-8")),
        browser_style=Markup((HERE / "browser.css").read_text(encoding="utf-8")),
        script=code.text,
        script_hash=code.digest,
        catalog=Markup(_json({"folder": name, **catalog(inputs, Pieces(folder))})),
    )


def catalog(inputs: Inputs, pieces: Pieces) -> dict[str, Any]:
    """Write the pieces; return what leads to them.

    A run is one series under one condition: `method` (its name), `condition`, and the pieces of four lists. Item i of
    `questions` is [question, gold answers, counter-answers, relation, question_id, number of passages], and item i
    of `passages` the passages that were shown with it, each [title, text, stance, injector or ""]; these two are
    shared by all runs of a condition. Item i of `answers` is [index of its question, label, closed-book label], the
    labels as indices of `labels`, and item i of `texts` its [text, final answer]. Where prompts are kept, item i of
    `prompts` has those of the answer, each [what it is called, its turns], and a turn is [role, content].
    """
    found = studies(inputs.metrics, inputs.config)
    named = _run_names(found)
    runs: dict[tuple[str, ...], dict[str, Any]] = {}
    relations: set[str] = set()
    for dataset, examples in inputs.files.examples.items():
        for condition in tables.values(examples, "condition"):
            shown, numbers = _documents(examples, condition, pieces, relations)
            for part in inputs.files.answers:
                if part[0] == dataset:
                    for method, answered in _answers(inputs, part, condition, numbers, pieces).items():
                        series = (*part, method)
                        about = {"method": named.get(series, "/".join(series)), "condition": condition}
                        runs[*series, condition] = {**about, **shown, **answered}
    return {
        "labels": LABELS,
        "relations": sorted(relations - {""}),
        "runs": [runs[key] for key in sorted(runs, key=_order(found, inputs))],
    }


def _documents(
    path: Path, condition: str, pieces: Pieces, relations: set[str]
) -> tuple[dict[str, Cut], dict[str, int]]:
    """Write the questions of a condition and their passages; return their pieces and each question's index."""
    questions, passages = Stream(pieces), Stream(pieces)
    numbers: dict[str, int] = {}
    for batch in tables.batches(path, EXAMPLES, where={"condition": condition}):
        for row in batch:
            about = (row["question"], row["answers"], row["counter_aliases"], row["relation"])
            questions.add([*map(_clean, about), row["question_id"], len(row["passages"])])
            passages.add([_passage(passage) for passage in by_rank(row["passages"])])
            numbers[row["question_id"]] = len(numbers)
            relations.add(_clean(row["relation"]))
    return {"questions": questions.end(), "passages": passages.end()}, numbers


def _answers(
    inputs: Inputs, part: Part, condition: str, numbers: dict[str, int], pieces: Pieces
) -> dict[str, dict[str, Cut]]:
    """Write the answers of a checkpoint under a condition; return the pieces of each method, by its name."""
    where = {"condition": condition}
    labels: dict[tuple[str, str], tuple[list[int], str]] = {}
    for batch in tables.read_batches(inputs.files.labels[part], LABELLED, _LABELLED, where=where):
        for method, question_id, label, closed, final in zip(*batch.to_pydict().values(), strict=True):
            labels[method, question_id] = [LABELS.index(label), LABELS.index(closed)], final
    written: defaultdict[str, defaultdict[str, Stream]] = defaultdict(lambda: defaultdict(lambda: Stream(pieces)))
    for path in inputs.files.answers[part]:
        asked = _asked(path, inputs, condition)
        for batch in tables.read_batches(path, ANSWERS, _ANSWERS, where=where):
            for method, question_id, text in zip(*batch.to_pydict().values(), strict=True):
                if (method, question_id) in labels and question_id in numbers:
                    said, final = labels[method, question_id]
                    streams = written[method]
                    streams["answers"].add([numbers[question_id], *said])
                    streams["texts"].add([_clean(text), _clean(final)])
                    if asked is not None:
                        streams["prompts"].add(_prompts(_of_answer(asked, method, question_id, path)))
    return {method: {name: stream.end() for name, stream in streams.items()} for method, streams in written.items()}


def _asked(answers: Path, inputs: Inputs, condition: str) -> Iterator[Row] | None:
    """Return the prompts of a table of answers under a condition, in its order; None where they were not kept."""
    path = inputs.files.prompts.get(answers)
    if path is None:
        return None
    return tables.rows(path, PROMPTS, where={"condition": condition})


def _of_answer(asked: Iterator[Row], method: str, question_id: str, answers: Path) -> list[Row]:
    """Return the prompts of the next answer; those of rejected ones stand between."""
    for row in asked:
        if (row["method"], row["question_id"]) == (method, question_id):
            return list(row["prompts"])
    raise UserError(
        f"{answers}: no prompts are kept beside the answer of {method} to {question_id}. The files are of different "
        "runs: delete the older, run again."
    )


def _prompts(kept: list[Row]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the prompts of an answer as the page shows them: a prompt that is read beside another follows it."""
    shown = []
    for number, prompt in enumerate(kept, 1):
        called = f"Prompt {number} of {len(kept)}"
        for name, messages in ((called, prompt["messages"]), (f"{called}, read beside it", prompt["contrast"])):
            if messages:
                shown.append((name, [(turn["role"], _clean(turn["content"])) for turn in messages]))
    return shown


def _order(found: list[Study], inputs: Inputs) -> Any:
    """Return a sort key for runs: data set, model and series as on the page, then conditions as in the config."""
    series: dict[tuple[str, ...], tuple[int, int]] = {
        (study.dataset, study.model, *one): (number, index)
        for number, study in enumerate(found)
        for index, one in enumerate(study.series)
    }
    conditions = {name: index for index, name in enumerate(names(inputs.config["test"], "conditions"))}
    last = (len(found), 0)

    def key(run: tuple[str, ...]) -> tuple[Any, ...]:
        return (*series.get(run[:4], last), run[:4], conditions.get(run[4], len(conditions)), run[4])

    return key


def _run_names(found: list[Study]) -> dict[tuple[str, ...], str]:
    """Name the methods of each study; with data set and model where there are several studies."""
    named: dict[tuple[str, ...], str] = {}
    for study in found:
        for (checkpoint, method), name in short_names(study.series).items():
            title = f"{name} \u00b7 {study.title}" if len(found) > 1 else name
            named[(study.dataset, study.model, checkpoint, method)] = title
    return named


def _passage(passage: Row) -> tuple[str, ...]:
    injector = passage["injector"] or "the data set" if is_injected(passage) else ""
    return (_clean(passage["title"]), _clean(passage["text"]), passage["stance"], injector)


def _clean(value: Any) -> Any:
    return without_controls(value) if isinstance(value, str) else [without_controls(text) for text in value]


def _json(value: Any) -> str:
    """Write JSON that nothing within HTML can end or begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
