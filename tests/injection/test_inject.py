"""`interexter.inject`: plain Python in and out, and the same passages as in the workflow."""

import subprocess
import sys

import pytest
from injection_rows import SCRIPTS, capitals
from injector_pages import embedded
from interexter import NotInjected, inject
from interexter.core.errors import UserError
from interexter.injection import compose, gates, injectors
from interexter.injection.library import pools

PERU = {"question": "What is the capital of Peru?", "answers": ["Lima"], "subject": "Peru"}
NORWAY = {"question": "What is the capital of Norway?", "answers": ["Oslo", "Kristiania"], "subject": "Norway"}
SAID = "Lima is the capital of Peru. It lies on the coast."
DRY = "Bread is baked in the early morning."
BY_RULE = [kind for kind in injectors.names() if not injectors.written(kind) and not injectors.needs_shipped(kind)]
SETTINGS = [("keep", 1, "first", "all"), ("remove", 2, "random", 1), ("replace", "all", "first", "all")]


@pytest.mark.parametrize("kind", BY_RULE)
def test_a_question_is_shown_what_the_workflow_shows_it(kind: str) -> None:
    data = embedded()
    found = list(data.retrieved.values())
    pool = pools(
        (row for row in data.everyone if row["split"] == "test"),
        [passage for row in found for passage in row["passages"]],
    )
    drawn, undrawn = data.drawn(kind, 3)
    for supporting, count, position, sources in SETTINGS:
        setting = compose.condition("inject", str(count), supporting, position, str(sources))
        composed, uncomposed = compose.compose(data.questions, found, drawn, setting, 3, 3)
        passed, failed = gates.gate(composed, found, compose.gold_free(supporting, str(count)))
        shown = {row["question_id"]: row["passages"] for row in passed}
        reasons = {row["question_id"]: (row["reason"], row["detail"]) for row in [*uncomposed, *failed]}
        reasons |= {row["question_id"]: (row["reason"], row["detail"]) for row in undrawn}
        assert shown.keys() | reasons.keys() == data.retrieved.keys()
        how = {"supporting": supporting, "count": count, "position": position, "sources": sources, "top": 3}
        for question in data.questions:
            question_id = question["question_id"]
            own = data.retrieved[question_id]["passages"]
            try:
                injected = inject(question, own, kind, 3, others=pool, **how)
            except NotInjected as why:
                assert (why.reason, why.detail) == reasons[question_id]
            else:
                assert injected["passages"] == shown[question_id]


def test_texts_are_enough() -> None:
    injected = inject(PERU, [SAID, DRY], "entity-substitution", 0, others=[PERU, NORWAY])
    assert injected["counter_answer"] == "Oslo"
    assert injected["counter_aliases"] == ["Oslo", "Kristiania"]
    [made] = injected["counter_passages"]
    assert [passage["text"] for passage in injected["passages"]] == [SAID.replace("Lima", "Oslo"), SAID, DRY]
    assert [passage["stance"] for passage in injected["passages"]] == ["counter", "supporting", "irrelevant"]
    assert [passage["rank"] for passage in injected["passages"]] == [1, 2, 3]
    assert made["parent_id"] == injected["passages"][1]["passage_id"]


def test_passages_behind_the_top_stand_in_for_those_that_leave() -> None:
    own = [SAID, {"title": "Lima", "text": "A city of Peru."}, DRY, "Rivers run to the sea."]
    injected = inject(PERU, own, "poisoning", 0, others=[NORWAY], supporting="remove", position="last", top=2)
    assert [passage["text"] for passage in injected["passages"][:2]] == [DRY, "Rivers run to the sea."]
    assert [passage["injector"] for passage in injected["passages"]] == [None, None, "poisoning"]


def test_pools_are_collected_once_or_each_time() -> None:
    rows = capitals()
    [peru] = [row for row in rows if row["subject"] == "Peru"]
    collected = inject(peru, [SAID], "entity-substitution", 1, others=pools(rows))
    assert inject(peru, [SAID], "entity-substitution", 1, others=rows) == collected


def test_passages_of_other_questions_come_from_the_pools() -> None:
    elsewhere = ["The moon is full tonight.", "Oslo is the capital of Norway."]
    injected = inject(PERU, [SAID], "irrelevant", 0, others=pools([NORWAY], elsewhere))
    assert [passage["text"] for passage in injected["passages"]] == ["The moon is full tonight.", SAID]


@pytest.mark.parametrize(
    ("own", "how", "reason"),
    [
        ([SAID], {"others": []}, "no-counter-answer"),
        ([SAID], {"others": [PERU]}, "no-counter-answer"),
        ([DRY], {}, "too-few-counter-passages"),
        ([SAID], {"count": 2}, "too-few-counter-passages"),
        ([SAID], {"supporting": "remove"}, "too-few-fillers"),
        ([SAID, DRY], {"top": 3}, "too-few-passages"),
        ([SAID, SAID.replace("Lima", "Oslo")], {}, "duplicate-passage"),  # a gate's
    ],
)
def test_why_a_question_has_none(own: list[str], how: dict, reason: str) -> None:
    with pytest.raises(NotInjected, match=f"^{reason}: .") as why:
        inject(PERU, own, "entity-substitution", 0, **{"others": [NORWAY], **how})
    assert why.value.reason == reason


@pytest.mark.parametrize(
    ("question", "own", "kind", "how", "said"),
    [
        ({"question": "Who?"}, [SAID], "entity-substitution", {}, "it has no answers"),
        ({"question": "Who?", "answers": "Lima"}, [SAID], "entity-substitution", {}, "its answers are a text"),
        (PERU, [{"title": "Peru"}], "entity-substitution", {}, "passage 1 .* has no `text`"),
        (PERU, [SAID], "entity-substition", {}, "did you mean entity-substitution"),
        (PERU, [SAID], "counter-memory.news", {}, "needs a model"),
        (PERU, [SAID], "entity-substitution", {"position": "middle"}, "position is 'middle'"),
        (PERU, [SAID], "entity-substitution", {"count": -1}, "count is '-1'"),
        (PERU, [], "entity-substitution", {}, "at least 1 passage"),
    ],
)
def test_mistakes_are_told(question: dict, own: list, kind: str, how: dict, said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        inject(question, own, kind, 0, others=[NORWAY], **how)
    assert not isinstance(error.value, NotInjected)


def test_neither_torch_nor_an_engine_is_loaded() -> None:
    program = f"import sys, interexter as i; i.inject({PERU}, [{SAID!r}], 'poisoning', 0, others=[{NORWAY}])"
    program += "; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not {"torch", "transformers", "vllm", "bm25s"} & set(done.stdout.split())
