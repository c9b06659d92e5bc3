"""Hand-made rows for the tests of retrieval, injection, gates and evidence, and small random worlds of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from interexter.core.tables import Row
from interexter.injection import counters, injectors
from interexter.text.stance import stance_of

SCRIPTS = Path(__file__).parent.parent / "workflow" / "scripts"

CAPITALS = {
    "Peru": ["Lima"],
    "Mexico": ["Mexico City", "Ciudad de México"],
    "Guatemala": ["Guatemala City"],
    "France": ["Paris"],
    "Ivory Coast": ["Yamoussoukro"],
    "United States": ["Washington", "Washington, D.C.", "DC"],
    "Singapore": ["Singapore"],
    "Norway": ["Oslo"],
}


def question(subject: str = "Peru", answers: Sequence[str] = ("Lima",), **other: Any) -> Row:
    return {
        "question_id": f"q-{subject}",
        "dataset": "hand-made",
        "split": "test",
        "question": f"What is the capital of {subject}?",
        "answers": list(answers),
        "subject": subject,
        "relation": "capital",
        "answer_type": "city",
        "popularity": 1.0,
        **other,
    }


def capitals() -> list[Row]:
    return [question(subject, answers) for subject, answers in CAPITALS.items()]


def passage(text: str, title: str = "", rank: int = 1, stance: str = "supporting", **other: Any) -> Row:
    """A retrieved passage; its id is p and its rank."""
    return {
        "passage_id": f"p{rank}",
        "title": title,
        "text": text,
        "rank": rank,
        "file_rank": None,
        "score": 10.0 - rank,
        "origin": "retrieved",
        "stance": stance,
        "counter_answer": None,
        "injector": None,
        "seed": None,
        "parent_id": None,
        "source_id": None,
        **other,
    }


def found(asked: Row, *texts: str) -> Row:
    """A row of RETRIEVED whose passages have these texts, in this order, and the stance that they have."""
    passages = [passage(text, rank=rank) for rank, text in enumerate(texts, start=1)]
    for one in passages:
        one["stance"] = stance_of(one, asked["answers"], asked["subject"])
    return {"question_id": asked["question_id"], "passages": passages}


def drawn(questions: Sequence[Row], retrieved: Sequence[Row], seed: int = 0) -> list[Row]:
    """The rows of COUNTERS by entity substitution among CAPITALS."""
    inject = injectors.load("entity-substitution")
    return counters.draw(questions, counters.split_pools(capitals()), retrieved, "entity-substitution", inject, seed)[0]


_SAYINGS = (
    "{a} is the capital of {s}.",
    "{s}'s capital, {a}, lies on a river; {a}'s harbour is old.",
    "Visitors to {s} begin in {a} (founded in 1535).",
    "Limassol is not in {s}, Parisian fashion is.",
    "{a} hosted the games.",
    "The mountains of {s} are high.",
    "Bread is baked everywhere.",
    "Rivers run to the sea {n} times.",
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Some questions of CAPITALS in any order, with 6 to 10 passages for each."""
    subjects = draw(st.lists(st.sampled_from(sorted(CAPITALS)), min_size=1, max_size=5, unique=True))
    questions = [question(subject, CAPITALS[subject]) for subject in subjects]
    retrieved = []
    for asked in questions:
        sayings = draw(st.lists(st.sampled_from(_SAYINGS), min_size=6, max_size=10))
        texts = []
        for n, saying in enumerate(sayings):
            answer = draw(st.sampled_from([*asked["answers"], asked["answers"][0].upper()]))
            texts.append(saying.format(a=answer, s=asked["subject"], n=n))
        retrieved.append(found(asked, *texts))
    return questions, retrieved
