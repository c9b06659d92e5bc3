"""Case studies: a few questions that show how two methods read the same documents.

They are chosen by a rule, to be instructive and not to be representative: questions on which the
two methods differ come first, each pattern of labels in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import pandas as pd

from ..core.identity import row_random
from ..core.tables import Row
from ..text.final_answers import final_answer
from ..text.stance import is_injected
from .highlight import marked
from .inputs import Inputs
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
    rank: tuple[int, str]  # groups in order: place of the pattern, its name


def case_studies(study: Study, inputs: Inputs) -> list[Shown]:
    """Choose and lay out config.report.case_studies cases; fewer only where there are fewer questions."""
    first, second = reference(study, inputs.config), rival(study, inputs.config)
    if first is None or second is None:
        return []
    labels = study.labels(inputs.labels)
    settings = inputs.config["report"]
    control, strongest, wanted = settings["control"], settings["strongest"], settings["case_studies"]
    others = [c for c in study.conditions if c not in (control, strongest)]
    chosen: list[_Case] = []
    taken: set[str] = set()
    for conditions in ([strongest, control], *([c] for c in others)):  # further ones only where those do not suffice
        if len(chosen) >= wanted:
            break
        cases = [
            case
            for condition in conditions
            for question_id, said in _by_question(labels, condition).items()
            if (case := _case(question_id, said, condition, control, (first, second), study))
        ]
        for case in _in_turn(cases, inputs.config.get("seed", 0)):
            if len(chosen) < wanted and case.question_id not in taken:
                chosen.append(case)
                taken.add(case.question_id)
    return [_shown(case, study, labels, inputs) for case in chosen]


def _by_question(labels: pd.DataFrame, condition: str) -> dict[str, dict[Series, str]]:
    """Return the labels under a condition, by question and series."""
    found: dict[str, dict[Series, str]] = {}
    rows = labels.loc[labels["condition"] == condition, ["question_id", "checkpoint", "method", "label"]]
    for question_id, checkpoint, method, label in rows.itertuples(index=False):
        found.setdefault(question_id, {})[checkpoint, method] = label
    return found


def _case(
    question_id: str,
    said: dict[Series, str],
    condition: str,
    control: str,
    sides: tuple[Series, Series],
    study: Study,
) -> _Case | None:
    """Take a question up as a case if both methods answered it; another method where only that one differs.

    `said` has the label of each series that answered.
    """
    label = said.get
    first, second = sides
    if label(first) is None:
        return None
    if label(second) in (label(first), None):
        differing = [s for s in study.series if s[1] != "closed-book" and label(s) not in (None, label(first))]
        second = differing[-1] if differing else second
    pattern = label(first), label(second)
    if pattern[1] is None:
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


def _shown(case: _Case, study: Study, labels: pd.DataFrame, inputs: Inputs) -> Shown:
    condition = case.condition
    example = inputs.example(study.dataset, condition, case.question_id)
    assert example, "an answer without its example"
    gold, counter = example["answers"], example["counter_aliases"]
    memory = inputs.recall.get((study.dataset, study.model), {}).get(case.question_id)
    about = labels[(labels["condition"] == condition) & (labels["question_id"] == case.question_id)]
    told = {(row["checkpoint"], row["method"]): row for row in about.to_dict("records")}

    def side(series: Series) -> Shown:
        checkpoint, method = series
        where = {"condition": condition, "method": method, "question_id": case.question_id}
        [row] = inputs.answers(study.dataset, study.model, checkpoint, **where)
        text = row["text"]
        final = final_answer(text)
        return {
            "method": method,
            "checkpoint": checkpoint,
            "label": told[series]["label"],
            "text": marked(text, gold, counter),
            "final": None if final.strip() == text.strip() else marked(final, gold, counter),
        }

    return {
        "heading": case.heading,
        "question": example["question"],
        "gold": gold,
        "counter": example["counter_answer"],
        "condition": condition,
        "state": told[case.sides[0]]["state"],
        "closed_book_label": told[case.sides[0]]["closed_book_label"],
        "documents": [_document(passage, gold, counter) for passage in in_order(example["passages"])],
        "internal_document": marked(memory["internal_document"], gold, counter) if memory else None,
        "sides": [side(series) for series in case.sides],
    }


def in_order(passages: Sequence[Row]) -> list[Row]:
    """Return passages as they are shown: by rank."""
    return sorted(passages, key=lambda passage: passage["rank"])


def _document(passage: Row, gold: Sequence[str], counter: Sequence[str]) -> Shown:
    return {
        "title": marked(passage["title"], gold, counter),
        "text": marked(passage["text"], gold, counter),
        "stance": passage["stance"],
        "injected": is_injected(passage),
        "injector": passage["injector"] or "the data set",
    }
