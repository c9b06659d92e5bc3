"""What holds of every gate: it rejects its own fault and nothing else, alters nothing, and judges rows one by one."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import entailment_models
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from injection_rows import CAPITALS, capitals, drawn, found, passage, question, worlds
from interexter.core.identity import content_id
from interexter.core.tables import Row
from interexter.data import screening
from interexter.data.questions import Questions
from interexter.injection import entailment_gate
from interexter.injection.compose import compose, condition
from interexter.injection.gates import GATES, STRICT_GATES, gate
from interexter.models.entailment import Entailment, Pair

LEFT = ("gold-left", "wrong-left")  # where a condition promises to leave something out


class Case(NamedTuple):
    """An example, and what a gate knows beside it."""

    row: Row
    others: tuple[Row, ...] = ()  # further questions of the data set


Fault = Callable[[Row, random.Random], Case]


def injected(row: Row, **columns: object) -> Row:
    """The example with other columns in its injected passage."""
    passages = [{**p, **columns} if p["origin"] == "injected" else p for p in row["passages"]]
    return {**row, "passages": passages}


def text(row: Row) -> str:
    [told] = [p["text"] for p in row["passages"] if p["origin"] == "injected"]
    return str(told)


def leak(row: Row, name: str) -> Row:
    """The example with a name in its last passage, which no condition injected."""
    *first, last = row["passages"]
    return {**row, "passages": [*first, {**last, "text": f"{last['text']} {name}!"}]}


def parent(row: Row) -> Row:
    """The injected passage as it was before."""
    [one] = [p for p in row["passages"] if p["origin"] == "injected"]
    [told] = [p for p in row["found"] if p["passage_id"] == one["parent_id"]]
    return {key: told[key] for key in ("title", "text")}


def twin(row: Row, **columns: object) -> Row:
    """Another question with the example's words."""
    asked = {key: row[key] for key in ("question", "answers", "subject", "relation")}
    return {**question(), **asked, "question_id": "z", **columns}


def broken(row: Row, rng: random.Random) -> Case:
    column = rng.choice(["injector", "seed", "source_id", "parent_id", "counter_answer"])
    return Case(injected(row, **{column: None}))


def twice(row: Row, rng: random.Random) -> Case:
    [one] = [p for p in row["passages"] if p["origin"] == "injected"]
    return Case({**row, "passages": [*row["passages"], one]})


def surname_left(row: Row, rng: random.Random) -> Case:
    asked = {"question": f"Who rules {row['subject']}?", "answers": [*row["answers"], "Alexander von Humboldt"]}
    return Case({**injected(row, text=f"{text(row)} {rng.choice(['Humboldt', 'HUMBOLDT'])} rules."), **asked})


def derived_left(row: Row, rng: random.Random) -> Case:
    asked = {"answers": [*row["answers"], "Vienna", "Kingston"]}
    return Case({**injected(row, text=f"{text(row)} {rng.choice(['Viennese', 'Kingstonian'])} streets."), **asked})


FAULTS: dict[str, Fault] = {
    "empty-question": lambda row, rng: Case({**row, "question": rng.choice(["", " ", "\n"])}),
    "no-answers": lambda row, rng: Case({**row, rng.choice(["answers", "counter_aliases"]): ["?", " "]}),
    "nested-answers": lambda row, rng: Case(
        {**row, "counter_aliases": [*row["counter_aliases"], f"Greater {rng.choice(row['answers'])}"]}
    ),
    "broken-lineage": broken,
    "unchanged-text": lambda row, rng: Case(injected(row, **parent(row))),
    "duplicate-passage": twice,
    "gold-leak": lambda row, rng: Case(injected(row, text=f"{text(row)} {rng.choice(row['answers']).upper()}.")),
    "surname-left": surname_left,
    "derived-left": derived_left,
    "counter-missing": lambda row, rng: Case(injected(row, title="", text=f"{row['subject']} has a capital.")),
    "support-missing": lambda row, rng: Case(injected(row, stance="supporting", counter_answer=None)),
    "subject-lost": lambda row, rng: Case(injected(row, text=text(row).replace(row["subject"], "the land"))),
    "unreadable": lambda row, rng: Case(
        injected(row, text=f"{text(row)} {rng.choice(['[ENTITY]', 'so so so', '{x}', '<answer>'])}")
    ),
    "duplicate-question": lambda row, rng: Case(row, (twin(row), twin(row, question_id=""))),
    "ambiguous-question": lambda row, rng: Case(row, (twin(row, answers=["Atlantis"]),)),
    "valid-counter": lambda row, rng: Case(
        row, (twin(row, question=f"Name a capital of {row['subject']}!", answers=[row["counter_answer"]]),)
    ),
    "contaminated": lambda row, rng: Case(row, (twin(row, question="Who rules?", relation="ruler"),)),
    "short-alias": lambda row, rng: Case({**row, "answers": [*row["answers"], "Qi"]}),
    "shared-entity": lambda row, rng: Case(row, (question("Chile", [row["counter_answer"]]),)),
    "gold-left": lambda row, rng: Case(leak(row, rng.choice(row["answers"]))),
    "wrong-left": lambda row, rng: Case(leak(row, row["counter_answer"])),
}
OF_TRAINING = ("contaminated", "shared-entity")


def judged(name: str, cases: list[Case], retrieved: list[Row]) -> tuple[list[Row], list[Row]]:
    """What the gates say, with everything asked for that gate `name` needs."""
    strict = [name] if name in STRICT_GATES else []
    against = {case.row["question_id"]: "counter" if name == "wrong-left" else "gold" for case in cases}
    split = "train" if name in OF_TRAINING else "test"
    asked = [{**one, "split": split} for one in capitals()]
    known = Questions(lambda: [*asked, *(one for case in cases for one in case.others)])
    rows = [{key: value for key, value in case.row.items() if key != "found"} for case in cases]
    outcome = gate(rows, retrieved, name in LEFT, against, known, split, strict)
    return outcome


def sound(world: tuple[list[Row], list[Row]], seed: int, dose: str = "1") -> list[Row]:
    """The examples of a world that no gate rejects, each with the passages that were retrieved for it."""
    questions, retrieved = world
    supporting = "keep" if dose == "1" else "remove"
    setting = condition("c", dose, supporting, "first")
    composed, _ = compose(questions, retrieved, drawn(questions, retrieved, seed), setting, 4, seed)
    kept, _ = gate(composed, retrieved, dose == "0")
    by_id = {row["question_id"]: row["passages"] for row in retrieved}
    return [{**row, "found": by_id[row["question_id"]]} for row in kept]


def test_there_is_a_fault_for_every_gate() -> None:
    assert list(FAULTS) == [*GATES, *STRICT_GATES, *LEFT]


@pytest.mark.parametrize("name", FAULTS)
@settings(max_examples=25)
@given(worlds(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_a_gate_rejects_its_fault_and_nothing_else(
    name: str, world: tuple[list[Row], list[Row]], seed: int, rng: random.Random
) -> None:
    rows = sound(world, seed, "0" if name in LEFT else "1")
    if name == "subject-lost":
        rows = [row for row in rows if row["subject"] in text(row)]
    if name == "short-alias":
        rows = [row for row in rows if "DC" not in (*row["answers"], *row["counter_aliases"])]
    assume(rows)
    spoilt = {row["question_id"] for row in rows if rng.random() < 0.5}
    if name == "shared-entity":  # what is an answer of the test is one for every question
        shared = {row["counter_answer"] for row in rows if row["question_id"] in spoilt}
        spoilt = {row["question_id"] for row in rows if row["counter_answer"] in shared}
    split = "train" if name in OF_TRAINING else "test"
    cases = [  # the same question once more, under a higher id, is no fault of the first
        FAULTS[name](row, rng) if row["question_id"] in spoilt else Case(row, (twin(row, split=split),)) for row in rows
    ]
    kept, rejected = judged(name, cases, world[1])
    assert {(row["question_id"], row["reason"]) for row in rejected} == {(one, name) for one in spoilt}
    assert all(row["detail"] for row in rejected)
    assert [{**row, "found": None} for row in kept] == [
        {**row, "found": None} for row in rows if row["question_id"] not in spoilt
    ]


@settings(max_examples=50)
@given(worlds(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_a_verdict_depends_neither_on_order_nor_on_what_is_judged_beside_it(
    world: tuple[list[Row], list[Row]], seed: int, rng: random.Random
) -> None:
    """All at once, then each by itself with everything shuffled: the same rows."""
    faults = [*map(FAULTS.get, GATES), lambda row, rng: Case(row)]
    cases = [rng.choice(faults)(row, rng) for row in sound(world, seed)]
    everyone = [*capitals(), *(one for case in cases for one in case.others)]
    rows = [{key: value for key, value in case.row.items() if key != "found"} for case in cases]
    strict, split = list(STRICT_GATES), rng.choice(["train", "test"])
    kept, rejected = gate(rows, world[1], False, None, Questions(lambda: everyone), split, strict)
    assert [row for row in rows if row in kept] == kept
    shuffled = rng.sample(everyone, len(everyone))
    alone = []
    for row in rng.sample(rows, len(rows)):
        retrieved = [one for one in world[1] if one["question_id"] == row["question_id"]]
        one, none = gate([row], retrieved, False, None, Questions(lambda: shuffled), split, strict[::-1])
        alone += [*one, *none]
    assert sorted(alone, key=content_id) == sorted([*kept, *rejected], key=content_id)


NAMES = sorted({name for names in CAPITALS.values() for name in names if "." not in name})
said = st.lists(st.sampled_from([*NAMES, "Limassol", "Parisian", "the", "hosts", "[MASK]"]), max_size=6)


@st.composite
def told(draw: st.DrawFn) -> tuple[Row, Row]:
    """An example of three passages that say anything, some injected with any lineage, and what was retrieved."""
    asked = question("Peru", draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)))
    wrong = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    row = found(asked, *(f"{' '.join(draw(said))} it is {place}." for place in ("far", "near", "here")))
    shown = []
    for place in range(3):
        text = f"{', '.join(draw(said))} they say."
        if not draw(st.booleans()):
            shown.append(row["passages"][place])
            continue
        lineage = {"injector": "entity-substitution", "seed": 1, "source_id": "p1", "counter_answer": wrong[0]}
        lineage |= {"parent_id": f"p{place + 1}"}
        if draw(st.integers(0, 3)) == 0:
            lineage[draw(st.sampled_from(sorted(lineage)))] = None
        stance = draw(st.sampled_from(["counter", "supporting", "unknown", "irrelevant"]))
        own = {"origin": "injected", "stance": stance, "passage_id": f"i{place}", **lineage}
        shown.append(passage(text, rank=place + 1, **own))
    keys = ("question_id", "question", "answers", "subject", "relation", "popularity")
    example = {key: asked[key] for key in keys} | {"condition": "c", "counter_answer": wrong[0], "other_names": []}
    return {**example, "counter_aliases": wrong, "passages": shown}, row


@settings(max_examples=400)
@given(told())
def test_what_passes_holds_what_it_should_by_other_means(world: tuple[Row, Row]) -> None:
    """The promises of the gates in regular expressions of the test's own, both ways."""
    example, row = world

    def words(said: str) -> str:
        return " ".join(["", *re.findall(r"[^\W_]+", said.casefold()), ""])

    def holds(one: Row, names: list[str]) -> bool:
        return any(words(name) in words(one["text"]) for name in names)

    def faulty(said: str) -> bool:
        each = said.lower().split()
        return (
            len(each) < 3
            or "[MASK]" in said
            or any(a == b == c for a, b, c in zip(each, each[1:], each[2:], strict=False))
        )

    gold, wrong = example["answers"], example["counter_aliases"]
    before = {one["passage_id"]: one for one in row["passages"]}
    ours = [one for one in example["passages"] if one["origin"] == "injected"]
    sides = [{"text": name} for name in gold], [{"text": name} for name in wrong]
    promises = {
        "nested": not any(holds(one, wrong) for one in sides[0]) and not any(holds(one, gold) for one in sides[1]),
        "lineage": all(one[key] is not None for one in ours for key in ("injector", "seed", "source_id", "parent_id"))
        and all(one["counter_answer"] is not None for one in ours if one["stance"] == "counter"),
        "distinct": not any(
            one is not other and one["text"] == other["text"] for one in ours for other in example["passages"]
        ),
        "no leak": not any(holds(one, gold) for one in ours if one["stance"] == "counter"),
        "counter": all(holds(one, wrong) for one in ours if one["stance"] == "counter"),
        "support": all(holds(one, gold) and not holds(one, wrong) for one in ours if one["stance"] == "supporting"),
        "readable": not any(
            faulty(one["text"]) and not faulty(before[one["parent_id"]]["text"]) for one in ours if one["parent_id"]
        ),
    }
    kept, rejected = gate([example], [row], False)
    assert bool(kept) == all(promises.values()), (promises, rejected)
    assert kept in ([], [example])


@settings(max_examples=200)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), st.sampled_from(NAMES), said)
def test_screening_a_benchmark_and_the_gates_say_the_same(gold: list[str], wrong: str, words: list[str]) -> None:
    asked = question("Peru", gold)
    own = {"stance": "counter", "origin": "shipped", "counter_answer": wrong, "source_id": "s1", "passage_id": "s1"}
    shipped = passage(f"{', '.join(words)} they say so.", **own)
    row = found(asked, "Rivers run.")
    keys = ("question_id", "question", "answers", "subject", "relation", "popularity")
    example = {key: asked[key] for key in keys} | {"condition": "c", "counter_answer": wrong, "other_names": []}
    example |= {"counter_aliases": [wrong], "passages": [shipped, *row["passages"]]}
    _, rejected = gate([example], [row], False)
    fault = screening.answers(gold, [wrong]) or screening.passage(shipped, gold, [wrong], "city")
    reasons = [one["reason"] for one in rejected if one["reason"] != "unreadable"]
    assert reasons == ([fault[0]] if fault else [])
    backwards = screening.answers(gold[::-1], [wrong]) or screening.passage(shipped, gold[::-1], [wrong], "city")
    assert (backwards and backwards[0]) == (fault and fault[0])


def chance(pair: Pair) -> float:
    """A probability of entailment that the pair's words alone decide."""
    return random.Random("\0".join(pair)).random()


@settings(max_examples=50)
@given(worlds(), st.integers(0, 99), st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_inference_judges_each_example_by_itself(
    world: tuple[list[Row], list[Row]], seed: int, threshold: float, rng: random.Random
) -> None:
    rows = sound(world, seed)
    kept, rejected = entailment_gate.screen(rows, lambda pairs: list(map(chance, pairs)), threshold)
    alone = []
    for row in rng.sample(rows, len(rows)):
        one, none = entailment_gate.screen([row], lambda pairs: list(map(chance, pairs)), threshold)
        alone += [*one, *none]
    assert sorted(alone, key=content_id) == sorted([*kept, *rejected], key=content_id)
    for row in rows:
        own, other = (f'The answer to the question "{row["question"]}" is {name}.' for name in _sides(row))
        entailed = chance((text(row), own)) >= threshold, chance((text(row), other)) >= threshold
        reason = {(True, False): None, (True, True): "other-entailed"}.get(entailed, "not-entailed")
        assert [r["reason"] for r in rejected if r["question_id"] == row["question_id"]] == ([reason] if reason else [])


def _sides(row: Row) -> tuple[str, str]:
    return row["counter_answer"], row["answers"][0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random classifier of pairs."""
    return entailment_models.classifier(tmp_path_factory.mktemp("pairs"), 64)


@pytest.fixture(scope="module")
def model(folder: Path) -> Entailment:
    return Entailment(str(folder), batch=3)


def sentences() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(entailment_models.WORDS.split()), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=10)
@given(st.lists(st.tuples(sentences(), sentences()), max_size=12), st.randoms(use_true_random=False))
def test_entailment_of_pairs_depends_neither_on_order_nor_on_batches(
    model: Entailment, pairs: list[Pair], rng: random.Random
) -> None:
    found = dict(zip(pairs, model.entails(pairs), strict=True))
    shuffled = rng.sample(pairs, len(pairs))
    assert model.entails(shuffled) == [found[pair] for pair in shuffled]
    assert [model.entails([pair]) for pair in pairs] == [[found[pair]] for pair in pairs]
