"""Case studies: a few questions that show how two methods read the same documents.

They are chosen by a rule, to be instructive and not to be representative: questions on which the
two methods differ come first, each pattern of labels in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ..answers.schemas import ANSWERS, RECALL
from ..core.errors import UserError
from ..core.identity import row_random
from ..core.tables import Row
from ..injection.compose import EXAMPLES
from ..scoring.judgements import LABELLED
from ..text.passages import by_rank
from ..text.stance import is_injected
from .highlight import marked
from .inputs import Inputs, read_one
from .numbers import Shown
from .studies import Series, Study, reference, rival, short_names

# Label of the reference, label of the other method: what the case shows. Those named here come first, in this order.
_PATTERNS = {
    ("counter", "gold"): "Only {first} is misled",
    ("gold", "counter"): "Only {second} is misled",
    ("counter", "abstain"): "{second} abstains where {first} is misled",
    ("counter", "counter"): "{first} and {second} both follow the counter-answer",
    ("gold", "abstain"): "{second} abstains where {first} is right",
    ("counter", "neither"): "{first} is misled, {second} names something else",
    ("gold", "gold"): "{first} and {second} both resist",
    ("counter", "both"): "{first} is misled, {second} names both sides",
}
_TAX = "The clean tax: without any injected passage {first} is right and {second} is not"
_ORDINARY = "{first} and {second} without any injected passage"


@dataclass(frozen=True)
class _Case:
    question_id: str
    condition: str
    sides: tuple[Series, Series]
    heading: str
    rank: tuple[int, str]  # groups in order: number of the pattern, its name


Labels = Mapping[Series, Mapping[str, str]]  # of one condition: by series, by question


def case_studies(study: Study, inputs: Inputs) -> list[Shown]:
    """Choose and lay out config.report.case_studies cases; fewer only where there are fewer questions."""
    first, second = reference(study, inputs.config), rival(study, inputs.config)
    if first is None or second is None:
        return []
    answered = study.labels(inputs.labels)
    settings = inputs.config["report"]
    control, strongest, wanted = settings["control"], settings["strongest"], settings["case_studies"]
    others = [c for c in study.conditions if c not in (control, strongest)]
    chosen: list[_Case] = []
    taken: set[str] = set()
    for conditions in ([strongest, control], others):  # the other conditions only where those two do not suffice
        if len(chosen) == wanted:
            break
        cases = [
            case
            for condition in conditions
            for labels in [_labels(answered, condition)]
            for question_id in sorted(labels.get(first, {}))
            if (case := _case(question_id, condition, control, (first, second), study, labels))
        ]
        for case in _in_turn(cases, inputs.config.get("seed", 0)):
            if len(chosen) < wanted and case.question_id not in taken:
                chosen.append(case)
                taken.add(case.question_id)
    return [_shown(case, study, answered, inputs) for case in chosen]


def _labels(answered: pd.DataFrame, condition: str) -> Labels:
    found = answered[answered["condition"] == condition]
    return {
        (str(checkpoint), str(method)): dict(zip(rows["question_id"], rows["label"], strict=True))
        for (checkpoint, method), rows in found.groupby(["checkpoint", "method"], observed=True)
    }


def _case(
    question_id: str, condition: str, control: str, sides: tuple[Series, Series], study: Study, labels: Labels
) -> _Case | None:
    """Take a question up as a case if both methods answered it; another method where only that one differs."""

    def label(series: Series) -> str | None:
        return labels.get(series, {}).get(question_id)

    first, second = sides
    if label(second) in (label(first), None):
        differing = [s for s in study.series if s[1] != "closed-book" and label(s) not in (None, label(first))]
        second = differing[-1] if differing else second
    pattern = label(first), label(second)
    if None in pattern:
        return None
    if condition == control:
        taxed = pattern[0] == "gold" != pattern[1]
        rank, heading = (3, "tax") if taxed else (len(_PATTERNS) + 1, "control"), _TAX if taxed else _ORDINARY
    elif pattern in _PATTERNS:
        rank, heading = (list(_PATTERNS).index(pattern), "pattern"), _PATTERNS[pattern]
    else:
        rank, heading = (
            (len(_PATTERNS), "/".join(map(str, pattern))),
            f"{{first}}: {pattern[0]}, {{second}}: {pattern[1]}",
        )
    names = short_names(study.series)
    heading = heading.format(first=names[first], second=names[second])
    return _Case(question_id, condition, (first, second), heading, rank)


def _in_turn(cases: Sequence[_Case], seed: int) -> list[_Case]:
    """Order cases so that each pattern has its turn; within a pattern by a draw that depends on seed and question."""
    groups: dict[tuple[int, str], list[_Case]] = {}
    for case in cases:
        groups.setdefault(case.rank, []).append(case)

    def draw(case: _Case) -> float:
        return row_random(seed, "case studies", case.question_id).random()

    ordered = [sorted(groups[rank], key=draw) for rank in sorted(groups)]
    return [case for case in chain.from_iterable(zip_longest(*ordered)) if case]


def _shown(case: _Case, study: Study, answered: pd.DataFrame, inputs: Inputs) -> Shown:
    """Read what a case shows: its example, the answers of both sides, and what the model remembers."""
    files, run, where = inputs.files, (study.dataset, study.model), {"question_id": case.question_id}
    example = _row([files.examples[study.dataset]], EXAMPLES, condition=case.condition, **where)
    memory = read_one(files.recall[run], RECALL, **where)
    gold, counter = example["answers"], example["counter_aliases"]
    asked = answered[(answered["condition"] == case.condition) & (answered["question_id"] == case.question_id)]

    def side(series: Series) -> Shown:
        checkpoint, method = series
        about = {"condition": case.condition, "method": method, **where}
        text = _row(files.answers[*run, checkpoint], ANSWERS, **about)["text"]
        labelled = _row([files.labels[*run, checkpoint]], LABELLED, **about)
        final = labelled["final_answer"]
        return {
            "method": method,
            "checkpoint": checkpoint,
            "label": labelled["label"],
            "text": marked(text, gold, counter),
            "final": None if final.strip() == text.strip() else marked(final, gold, counter),
        }

    about = asked.iloc[0]
    return {
        "heading": case.heading,
        "question": example["question"],
        "gold": gold,
        "counter": example["counter_answer"],
        "condition": case.condition,
        "state": about["state"],
        "closed_book_label": about["closed_book_label"],
        "documents": [_document(passage, gold, counter) for passage in by_rank(example["passages"])],
        "internal_document": marked(memory["internal_document"], gold, counter) if memory else None,
        "sides": [side(series) for series in case.sides],
    }


def _row(paths: Sequence[Path], schema: pa.Schema, **where: str) -> Row:
    """Return a row that belongs to a labelled answer; raise UserError where it is in none of the files."""
    for path in paths:
        if row := read_one(path, schema, **where):
            return row
    raise UserError(
        f"{paths[0]}: no row where {where}, of which there is a label. The files are of different runs: delete the "
        "older, run again."
    )


def _document(passage: Row, gold: Sequence[str], counter: Sequence[str]) -> Shown:
    return {
        "title": marked(passage["title"], gold, counter),
        "text": marked(passage["text"], gold, counter),
        "stance": passage["stance"],
        "injected": is_injected(passage),
        "injector": passage["injector"] or "the data set",
    }
