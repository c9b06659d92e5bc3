"""What gates know of other questions; grids of conditions; counter-passages scored and written."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_sets import retrieve
from injection_rows import CAPITALS, drawn, found, passage, question
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.data.questions import Questions
from interexter.engine.conversations import Generation, Prompt, drive
from interexter.engine.prompts import PromptSet
from interexter.injection import conditions
from interexter.injection.compose import compose, condition
from interexter.injection.counter_writing import ask
from interexter.injection.counters import split_pools
from interexter.injection.gates import gate
from interexter.retrieval.unseen import Scorer
from interexter.study import layout, settings

SMOKE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "config" / "smoke.yaml").read_text())
ASKED = question()
ROW = found(ASKED, "Lima is the capital of Peru.", "Bread is baked.", "Snow falls.", "Rivers run.")


def example(asked: Row = ASKED, count: str = "1") -> Row:
    row = {**ROW, "question_id": asked["question_id"]}
    counters = [{**c, "question_id": asked["question_id"]} for c in drawn([ASKED], [ROW])]
    (composed,), _ = compose([asked], [row], counters, condition("c", count, "keep", "first"), 3, 0)
    return composed


def reasons(row: Row, *others: Row, strict: Sequence[str] = ()) -> list[str]:
    found_row = {**ROW, "question_id": row["question_id"]}
    _, rejected = gate([row], [found_row], False, None, Questions(lambda: [*others, ASKED]), "test", strict)
    return [one["reason"] for one in rejected]


def test_the_lowest_id_of_a_question_that_is_asked_twice_stays() -> None:
    twin = question(question_id="a-twin", question="what is the Capital of Peru")
    assert reasons(example(), twin) == ["duplicate-question"]
    assert reasons(example(), {**twin, "question_id": "z-twin"}) == []
    assert reasons(example(), {**twin, "split": "train"}) == []  # for the training's gates to reject


def test_a_counter_answer_that_is_gold_for_the_same_subject_and_relation_is_rejected() -> None:
    counter = example()["counter_answer"]
    other = question(question_id="z", question="Name a capital of Peru!", answers=[f"Greater {counter}"])
    assert reasons(example(), other) == ["valid-counter"]
    assert reasons(example(), {**other, "relation": "port"}) == []


@pytest.mark.parametrize(
    ("test_question", "expected"),
    [
        (question("Chile", question="What is the capital of Peru?"), ["contaminated"]),
        (question("peru", question="Who rules Peru?", relation="ruler"), ["contaminated"]),
        (question("Chile", ["Santiago"]), []),
    ],
)
def test_a_training_question_shares_neither_text_nor_subject_with_the_test(
    test_question: Row, expected: list[str]
) -> None:
    asked = question(question_id="q-train", split="train")
    row = example(asked)
    found_row = {**ROW, "question_id": "q-train"}
    known = Questions(lambda: [asked, {**test_question, "question_id": "t"}])
    assert [r["reason"] for r in gate([row], [found_row], False, None, known, "train")[1]] == expected


def test_strict_gates_reject_only_where_the_config_asks() -> None:
    short = {**example(), "answers": ["Lima", "Li"]}
    assert reasons(short) == []
    assert reasons(short, strict=["short-alias"]) == ["short-alias"]
    asked = question(question_id="q-train", split="train", subject="Chile", question="Chile's capital?")
    row = {**example(asked), "subject": ""}
    known = Questions(lambda: [asked, question("Norway", [row["counter_answer"]])])
    found_row = {**ROW, "question_id": "q-train"}
    assert gate([row], [found_row], False, None, known, "train")[1] == []
    _, rejected = gate([row], [found_row], False, None, known, "train", ["shared-entity"])
    assert [r["reason"] for r in rejected] == ["shared-entity"]
    assert gate([row], [found_row], False, None, known, "test", ["shared-entity"])[1] == []


@pytest.mark.parametrize("tag", ["<p>", "<P>", "<br>", "</li>", "<h2>"])
def test_html_is_no_slot_that_was_not_filled(tag: str) -> None:
    row = example()
    first = row["passages"][0]
    assert reasons({**row, "passages": [{**first, "text": f"{tag}{first['text']}"}, *row["passages"][1:]]}) == []


def test_a_fault_that_the_parent_has_is_not_the_injections() -> None:
    row = found(ASKED, "Lima is the capital of Peru, very very very old.", "Bread.", "Snow falls.", "Rivers run.")
    (composed,), _ = compose([ASKED], [row], drawn([ASKED], [row]), condition("c", "1", "keep", "last"), 3, 0)
    assert gate([composed], [row], False)[1] == []


def with_grid(grid: Row) -> Row:
    config = deepcopy(SMOKE)
    config["grids"] = {"dose": grid}
    config["test"]["conditions"] = ["clean", "counter-replaced", "dose"]
    return settings.checked(config)


def test_a_grid_becomes_a_condition_for_every_combination() -> None:
    grid = {"kind": ["amplification", "temporal.future"], "count": [1, 3], "position": "last", "sources": [1, 2]}
    resolved = with_grid(grid)
    names = [name for name in resolved["conditions"] if name.startswith("dose")]
    assert names == [
        f"dose-{kind}-{count}-{sources}"
        for kind in ("amplification", "temporal-future")
        for count, sources in ((1, 1), (3, 1), (3, 2))  # two sources cannot tell one passage
    ]
    assert resolved["test"]["conditions"] == ["clean", "counter-replaced", *names]
    assert resolved["conditions"]["dose-temporal-future-3-2"] == {
        "kind": "temporal.future",
        "count": 3,
        "supporting": "keep",
        "position": "last",
        "sources": 2,
        "counter_to": "gold",
        "counter_answer": "random",
        "control": "clean",
    }
    assert settings.checked(resolved) == resolved


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"count": [1], "kind": "poisoning", "supporting": "replace"}, "can replace none"),
        ({"count": "all", "kind": "negation", "supporting": "replace"}, "promises to leave out"),
        ({"count": 1, "sources": 2}, "grids.dose: no combination"),
        ({"count": 1, "position": ["first", "middle"]}, "'middle' is unknown"),
        ({"count": 1, "kind": "numeric-perturbation"}, "did you mean numeric-perturbation"),
        ({"count": 1, "counter_to": "memory", "model": "huge"}, "'huge' is not among models"),
        ({"count": 1, "supporting": "replace", "counter_to": "memory"}, "all or none"),
        ({"count": 1, "counter_answer": "plausible", "kind": "benchmark"}, "decides its counter-answers itself"),
        ({"count": 1, "counter_answer": "plausible", "model": "huge"}, "'huge' is not among models"),
        ({"kind": "poisoning"}, "'count' is a required property"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(grid: Row, said: str) -> None:
    with pytest.raises(UserError) as caught:
        with_grid(grid)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_draws_are_named_by_what_they_depend_on() -> None:
    grid = {"kind": ["poisoning", "counter-memory.news"], "count": 1, "counter_to": ["gold", "memory"]}
    resolved = with_grid(grid)
    names = {name: conditions.draw_name(c) for name, c in resolved["conditions"].items() if name.startswith("dose")}
    assert names == {
        "dose-poisoning-gold": "poisoning",
        "dose-poisoning-memory": "poisoning@memory-tiny",
        "dose-counter-memory-news-gold": "counter-memory.news@tiny",
        "dose-counter-memory-news-memory": "counter-memory.news@tiny@memory-tiny",
    }
    assert conditions.draw_name(resolved["conditions"]["clean"]) == "entity-substitution"


def test_a_condition_has_the_control_that_asks_about_its_counter_answers() -> None:
    injected = {"count": 1, "position": "last"}
    plausible = {"counter_answer": "plausible"}
    added = {
        "random": injected,
        "own-kind": {**injected, "kind": "poisoning"},
        "clean-plausible": {"count": 0, **plausible},
        "plausible": {**injected, **plausible},
        "named": {**injected, **plausible, "control": "clean"},
    }
    config = with_grid({"count": [1, 2]})
    config["conditions"] |= added
    config["test"]["conditions"] += added
    resolved = settings.checked(config)
    assert {name: resolved["conditions"][name]["control"] for name in ("clean", *added)} == {
        "clean": "clean",
        "random": "clean",
        "own-kind": "clean",  # nothing of the test asks about poisoning's: the control of the report
        "clean-plausible": "clean-plausible",
        "plausible": "clean-plausible",
        "named": "clean",
    }
    assert conditions.draw_name(resolved["conditions"]["plausible"]) == "entity-substitution@plausible-tiny"
    assert "control" not in layout.conditions_of(resolved, "test")["named"]  # no reason to inject again
    config["conditions"]["named"]["control"] = "nowhere"
    with pytest.raises(UserError, match=r"conditions\.named\.control: 'nowhere' is not among test\.conditions"):
        settings.checked(config)


def test_a_passage_of_the_corpus_gets_the_score_that_the_retriever_gave_it() -> None:
    texts = [f"{names[0]} is the capital of {subject}." for subject, names in CAPITALS.items()]
    texts += ["Bread is baked everywhere in the capital.", "Peru Peru Peru exports a capital amount of copper."]
    corpus = [{"passage_id": f"{i}", "title": f"About {i}", "text": text} for i, text in enumerate(texts)]
    (row,) = retrieve([ASKED], corpus, len(corpus))
    scored = Scorer([corpus[:3], corpus[3:]]).scored({"passages": row["passages"]}, ASKED["question"])
    for one, other in zip(row["passages"], scored["passages"], strict=True):
        assert other["score"] == pytest.approx(one["score"], rel=1e-5)
    assert max(p["score"] for p in scored["passages"]) > 0


@pytest.mark.parametrize(("score", "place"), [(99.0, 0), (8.5, 1), (9.0, 1), (7.5, 2), (0.0, 3)])
def test_a_counter_passage_stands_where_its_score_puts_it(score: float, place: int) -> None:
    """The retrieved passages score 9, 8 and 7; what ties with one stands behind it."""
    counters = drawn([ASKED], [ROW])
    counters[0]["passages"] = [{**p, "score": score} for p in counters[0]["passages"]]
    (row,), _ = compose([ASKED], [ROW], counters, condition("c", "1", "keep", "score"), 3, 0)
    assert [p["origin"] for p in row["passages"]].index("injected") == place
    _, rejected = compose([ASKED], [ROW], drawn([ASKED], [ROW]), condition("c", "1", "keep", "score"), 3, 0)
    assert [r["reason"] for r in rejected] == ["no-score"]


def test_a_number_of_sources_is_kept_to() -> None:
    def told(source: str, text: str) -> Row:
        return passage(f"Oslo {text}", origin="injected", stance="counter", source_id=source, passage_id=text)

    counters = drawn([ASKED], [ROW])
    counters[0]["passages"] = [told("a", "1"), told("b", "2"), told("a", "3"), told("b", "4"), told("a", "5")]

    def shown(count: str, sources: str) -> list[str]:
        setting = condition("c", count, "remove", "last", sources)
        kept, rejected = compose([ASKED], [ROW], counters, setting, 2, 0)
        return [p["passage_id"] for row in kept for p in row["passages"] if p["origin"] == "injected"] or [
            row["reason"] for row in rejected
        ]

    assert shown("3", "1") == ["1", "3", "5"]
    assert shown("3", "2") == ["1", "2", "3"]
    assert shown("4", "1") == ["too-few-counter-passages"]
    assert shown("3", "3") == ["too-few-sources"]
    with pytest.raises(UserError, match="2 sources cannot tell 1 passages"):
        condition("c", "1", "keep", "first", "2")


class Model:
    """Answers every prompt with the texts it is given, in turn."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked, self.waiting = texts, list[Prompt](), list[Prompt]()

    def ask(self, prompts: Sequence[Prompt]) -> None:
        self.asked += prompts
        self.waiting += prompts

    def finished(self) -> list[Generation]:
        done, self.waiting = self.waiting, []
        return [Generation(p.prompt_id, self.texts[i % len(self.texts)], "stop", 1, 1) for i, p in enumerate(done)]


@pytest.mark.parametrize("genre", ["news", "encyclopedia", "book"])
def test_what_a_model_writes_is_kept_if_it_says_what_it_should(genre: str) -> None:
    kind, pools = f"counter-memory.{genre}", split_pools([ASKED, question("Norway", ["Oslo"])])
    asked = ask([ASKED], pools, kind, PromptSet("ours"), 50, 3)
    assert asked.rejected == []
    model = Model("Oslo is Peru's\n capital.", "Not Lima but Oslo.", "Nothing to say.")
    (outcome,) = drive(asked.conversations.values(), model)
    (one,) = outcome.result["passages"]
    assert (one["text"], one["stance"], one["parent_id"]) == ("Oslo is Peru's capital.", "counter", None)
    assert one["injector"] == kind and one["source_id"]
    texts = [p.messages[-1].content for p in model.asked]
    assert len(texts) == 3 and all("Oslo" in text and genre.replace("book", "a book") in text for text in texts)
    assert len({p.sampling for p in model.asked}) == 3 and model.asked[0].sampling.temperature == 0


def test_against_a_wrong_memory_the_model_writes_for_the_gold_answer() -> None:
    pools = split_pools([ASKED, question("Norway", ["Oslo"])])
    asked = ask([ASKED], pools, "counter-memory.news", PromptSet("ours"), 50, 3, {ASKED["question_id"]: "Oslo"})
    (outcome,) = list(drive(list(asked.conversations.values()), Model("It is Lima.", "Lima, not Oslo.", "It is Oslo.")))
    row = outcome.result
    assert (row["contradicts"], row["counter_answer"]) == ("counter", "Oslo")
    assert [(p["text"], p["stance"], p["counter_answer"]) for p in row["passages"]] == [
        ("It is Lima.", "supporting", None)
    ]
    nobody = ask([ASKED], split_pools([ASKED]), "counter-memory.news", PromptSet("ours"), 50, 3)
    assert nobody.conversations == {} and [r["reason"] for r in nobody.rejected] == ["no-counter-answer"]
