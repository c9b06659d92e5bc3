"""Every kind of injection by rule: pure, seeded, complete in its lineage, and nothing changed that should not be."""

import random
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from injection_rows import capitals, found, passage, question, worlds
from interexter.core.identity import row_random
from interexter.core.tables import Row
from interexter.injection import injectors, nations, substitution
from interexter.injection.compose import compose, condition
from interexter.injection.counters import draw, split_pools
from interexter.injection.drafts import Alternative, Injection, Pools, Refusal
from interexter.injection.gates import gate
from interexter.injection.injectors.numeric_perturbation import _changed
from interexter.text import matching
from interexter.text.labels import label
from interexter.text.stance import passage_holds

KIND = "entity-substitution"
KINDS = [kind for kind in injectors.names() if not injectors.written(kind)]
ON_CAPITALS = [k for k in KINDS if k != "benchmark" and not k.startswith(("numeric-", "type-"))]
SUBSTITUTING = [k for k in ON_CAPITALS if k.endswith("-substitution") or k.startswith("popularity-")]
COUNTERING = [k for k in ON_CAPITALS if k not in ("alias-substitution", "negation", "irrelevant", "distracting")]


def everyone() -> list[Row]:
    """Capitals, and answers of another type."""
    spoken = ("Peru", "Quechua"), ("Norway", "Norwegian"), ("Mali", "Bambara")
    return [
        *capitals(),
        *(question(s, [a], question_id=f"l-{s}", relation="language", answer_type="language") for s, a in spoken),
    ]


def unrelated() -> list[Row]:
    """What was retrieved for other questions."""
    texts = [f"Tea number {n} is drunk hot." for n in range(5)]
    return [{"question_id": t, "passages": [passage(t, passage_id=t, stance="irrelevant")]} for t in texts]


def drawn(kind: str, questions: list[Row], retrieved: list[Row], seed: int = 0) -> tuple[list[Row], list[Row]]:
    pools = split_pools(everyone(), unrelated() if injectors.needs_passages(kind) else (), seed)
    return draw(questions, pools, retrieved, kind, injectors.load(kind), seed)


def injected(kind: str, asked: Row, *texts: str, seed: int = 0) -> Injection:
    row = found(asked, *texts)
    pools = split_pools(everyone(), [row])[asked["split"]]
    outcome = injectors.load(kind)(asked, row["passages"], pools, random.Random(seed))
    assert isinstance(outcome, Injection), outcome
    return outcome


@pytest.mark.parametrize("kind", [*ON_CAPITALS, "type-substitution"])
@settings(max_examples=15)
@given(worlds(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_rows_depend_on_seed_and_content_alone(
    kind: str, world: tuple[list[Row], list[Row]], seed: int, rng: random.Random
) -> None:
    """Once more one by one, everything shuffled: the same rows."""
    questions, retrieved = world
    kept, rejected = drawn(kind, questions, retrieved, seed)
    expected = {row["question_id"]: row for row in (*kept, *rejected)}
    assert expected.keys() == {asked["question_id"] for asked in questions}
    sampled = rng.sample(unrelated(), 5) if injectors.needs_passages(kind) else []
    pools = split_pools(rng.sample(everyone(), len(everyone())), sampled, seed)
    mixed = [{**row, "passages": rng.sample(row["passages"], len(row["passages"]))} for row in retrieved[::-1]]
    for asked in rng.sample(questions, len(questions)):
        one, none = draw([asked], pools, mixed, kind, injectors.load(kind), seed)
        assert [*one, *none] == [expected[asked["question_id"]]]


@pytest.mark.parametrize("kind", [*ON_CAPITALS, "type-substitution"])
@settings(max_examples=15)
@given(worlds(), st.integers(0, 99))
def test_lineage_is_complete_and_stance_is_kept(kind: str, world: tuple[list[Row], list[Row]], seed: int) -> None:
    questions, retrieved = world
    asked_of = {asked["question_id"]: asked for asked in questions}
    parents = {row["question_id"]: {p["passage_id"]: p for p in row["passages"]} for row in retrieved}
    for row in drawn(kind, questions, retrieved, seed)[0]:
        asked = asked_of[row["question_id"]]
        assert not any(matching.nested(a, g) for a in row["counter_aliases"] for g in asked["answers"])
        assert len({p["passage_id"] for p in row["passages"]}) == len(row["passages"])
        ranks = [p["rank"] for p in row["passages"]]
        assert ranks == sorted(ranks) or kind == "amplification"  # which tells its sources by turns
        for one in row["passages"]:
            assert (one["origin"], one["injector"], one["seed"]) == ("injected", kind, seed)
            assert one["source_id"] is not None and one["score"] is None
            assert (one["parent_id"] is None) == injectors.free(kind)
            assert one["parent_id"] is None or one["parent_id"] in parents[row["question_id"]]
            if one["stance"] == "counter":
                assert one["counter_answer"] == row["counter_answer"]
                assert passage_holds(one, row["counter_aliases"]) and not passage_holds(one, asked["answers"])
            else:
                assert one["counter_answer"] is None and not passage_holds(one, row["counter_aliases"])
            assert (one["stance"] == "counter") == (kind in COUNTERING or kind == "type-substitution")
            if one["stance"] == "irrelevant":
                assert not passage_holds(one, asked["answers"])


@pytest.mark.parametrize("kind", [*(k for k in SUBSTITUTING if k != "alias-substitution"), "type-substitution"])
@settings(max_examples=15)
@given(worlds(), st.integers(0, 99))
def test_a_substitution_changes_the_answer_and_nothing_else(
    kind: str, world: tuple[list[Row], list[Row]], seed: int
) -> None:
    questions, retrieved = world
    for asked, row in zip(questions, retrieved, strict=True):
        parents = {p["passage_id"]: p for p in row["passages"]}
        gold = re.compile("|".join(map(re.escape, sorted(asked["answers"], key=len, reverse=True))), re.IGNORECASE)
        for counters in drawn(kind, [asked], [row], seed)[0]:
            for one in counters["passages"]:
                assert gold.sub("|", parents[one["parent_id"]]["text"]) == one["text"].replace(
                    counters["counter_answer"], "|"
                )


BEHIND = [k for k in ON_CAPITALS if k.partition(".")[0] in ("temporal", "semantic", "amplification")]


@pytest.mark.parametrize("kind", [*BEHIND, "alias-substitution", "negation", "distracting"])
@settings(max_examples=15)
@given(worlds(), st.integers(0, 99))
def test_what_is_no_name_stays_as_it_was(kind: str, world: tuple[list[Row], list[Row]], seed: int) -> None:
    """Undo what a kind may do, by other means; what is left is the parent's."""
    for asked, row in zip(*world, strict=True):
        parents = {p["passage_id"]: p["text"] for p in row["passages"]}
        gold = re.compile("|".join(map(re.escape, sorted(asked["answers"], key=len, reverse=True))), re.IGNORECASE)
        for counters in drawn(kind, [asked], [row], seed)[0]:
            for one in counters["passages"]:
                parent, text = parents[one["parent_id"]], one["text"]
                if kind in BEHIND:
                    before, between, after = text.partition(gold.sub(counters["counter_answer"], parent))
                    assert between
                    assert not any(matching.holds(before + after, [name]) for name in counters["counter_aliases"])
                elif kind == "alias-substitution":
                    marked = re.compile(f"(?:{gold.pattern})[,.]*", re.IGNORECASE)  # "Washington, D.C., is"
                    assert marked.sub("|", text) == marked.sub("|", parent)
                elif kind == "negation":
                    denied = re.compile("It is not true that | not")
                    assert denied.sub("", text) == denied.sub("", parent) and denied.sub("", parent) != text
                else:
                    # "Peru's" becomes "the United States'".
                    names = re.compile(f"(?:{gold.pattern}|{re.escape(asked['subject'])})(?:'s)?", re.IGNORECASE)
                    kept = [re.escape(part) for part in names.split(parent)]
                    assert re.fullmatch("(.+)".join(kept), text)


@settings(max_examples=50)
@given(st.integers(1, 10**6), st.sampled_from(["slight", "large", "absurd"]), st.integers(0, 99))
def test_a_changed_number_leaves_other_numbers_as_they_were(number: int, grade: str, seed: int) -> None:
    asked = question("Everest", [str(number)], answer_type="number", relation="height")
    text = f"Everest is {number} high, {number}{number} {number}5; {number}! A{number} is a road, {number + 1} near."
    row = found(asked, text)
    outcome = injectors.load(f"numeric-perturbation.{grade}")(asked, row["passages"], Pools({}), random.Random(seed))
    assert isinstance(outcome, Injection)
    [draft] = outcome.drafts
    assert draft.text == outcome.counter_answer.join(re.split(rf"\b{number}\b", text))


@pytest.mark.parametrize("kind", [k for k in ON_CAPITALS if not injectors.names_gold(k)])
@settings(max_examples=15)
@given(worlds(), st.integers(0, 99), st.sampled_from(["keep", "remove"]))
def test_what_is_injected_passes_the_gates(
    kind: str, world: tuple[list[Row], list[Row]], seed: int, supporting: str
) -> None:
    questions, retrieved = world
    counters, _ = drawn(kind, questions, retrieved, seed)
    composed, _ = compose(questions, retrieved, counters, condition("c", "1", supporting, "random"), 4, seed)
    _, rejected = gate(composed, retrieved, supporting == "remove")
    # The same passage may stand twice in such a world, and then be injected twice over.
    assert {row["reason"] for row in rejected} <= {"duplicate-passage"}


def test_corpus_substitution_draws_from_every_relation_of_the_type() -> None:
    rows = [question(), question("Quito", ["Guayaquil"], relation="port")]
    pools = split_pools(rows)["test"]
    outcome = injectors.load("corpus-substitution")(rows[0], [], pools, random.Random(0))
    assert isinstance(outcome, Injection) and outcome.counter_answer == "Guayaquil"
    assert isinstance(injectors.load("entity-substitution")(rows[0], [], pools, random.Random(0)), Refusal)


def test_type_substitution_draws_another_type() -> None:
    answers = {injected("type-substitution", question(), "Lima is in Peru.", seed=s).counter_answer for s in range(20)}
    assert answers == {"Quechua", "Norwegian", "Bambara"} - {"Quechua"} | answers & {"Quechua"}
    only = split_pools(capitals())["test"]
    assert isinstance(injectors.load("type-substitution")(question(), [], only, random.Random(0)), Refusal)


@pytest.mark.parametrize(("third", "expected"), [("rare", {"A", "B"}), ("middle", {"C", "D"}), ("popular", {"E", "F"})])
def test_popularity_thirds(third: str, expected: set[str]) -> None:
    """Six answers of popularity 1 to 6, named A to F from the least: two to a third."""
    pool = [Alternative(name, (name,), (name,), "", float(i)) for i, name in enumerate("ABCDEF", 1)]
    pools = Pools({("capital", "city"): pool[::-1]})
    inject = injectors.load(f"popularity-substitution.{third}")
    asked = question("Peru", ["Lima"])
    outcomes = [inject(asked, [], pools, random.Random(seed)) for seed in range(40)]
    assert {o.counter_answer for o in outcomes if isinstance(o, Injection)} == expected


def test_an_alias_replaces_the_gold_answer_and_still_supports_it() -> None:
    asked = question("Mexico", ["Mexico City", "Ciudad de México"])
    outcome = injected("alias-substitution", asked, "Mexico City is the capital of Mexico.", "Bread.")
    assert [(d.text, d.stance) for d in outcome.drafts] == [
        ("Ciudad de México is the capital of Mexico.", "supporting")
    ]
    row = found(question(), "Lima is in Peru.")
    refusal = injectors.load("alias-substitution")(
        question(), row["passages"], split_pools(everyone())["test"], random.Random(0)
    )
    assert isinstance(refusal, Refusal) and refusal.reason == "no-alias"


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Lima is the capital of Peru. It is old.", "Lima is not the capital of Peru. It is old."),
        (
            "Peru is large. Its capital, Lima, has been growing!",
            "Peru is large. Its capital, Lima, has not been growing!",
        ),
        ("Peru and Lima go together.", "It is not true that Peru and Lima go together."),
        ("Peru: Lima is not far. Lima is near.", "It is not true that Peru: Lima is not far. Lima is not near."),
    ],
)
def test_negation_denies_the_sentences_that_name_the_answer(text: str, denied: str) -> None:
    outcome = injected("negation", question(), text)
    assert [(d.text, d.stance) for d in outcome.drafts] == [(denied, "unknown")]


def test_time_and_namesake_stand_before_the_substituted_passage() -> None:
    plain = injected("entity-substitution", question(), "Lima is the capital of Peru.", seed=3)
    for kind in ("temporal.outdated", "temporal.future", "semantic"):
        outcome = injected(kind, question(), "Lima is the capital of Peru.", seed=3)
        assert outcome.counter_answer == plain.counter_answer
        assert outcome.drafts[0].text.endswith(plain.drafts[0].text)
    outdated = injected("temporal.outdated", question(), "Lima is in Peru.").drafts[0].text
    future = injected("temporal.future", question(), "Lima is in Peru.").drafts[0].text
    assert 1900 <= int(re.findall(r"\d{4}", outdated)[0]) <= 1999
    assert 2060 <= int(re.findall(r"\d{4}", future)[0]) <= 2159
    assert "Peru" in injected("semantic", question(), "Lima is in Peru.").drafts[0].text.split(". ")[0]
    nobody = question("", ["Lima"])
    refusal = injectors.load("semantic")(nobody, [], split_pools(everyone())["test"], random.Random(0))
    assert isinstance(refusal, Refusal) and refusal.reason == "no-subject"


def test_distracting_passages_tell_the_truth_about_another_subject() -> None:
    capital_of = {row["subject"]: row["answers"][0] for row in capitals()}
    for seed in range(20):
        outcome = injected("distracting", question(), "Lima is the capital of Peru.", seed=seed)
        for draft in outcome.drafts:
            answer, subject = re.fullmatch(r"(.*) is the capital of (.*)\.", draft.text).groups()  # type: ignore[union-attr]
            assert subject == nations.with_article(subject.removeprefix("the "))
            subject = subject.removeprefix("the ")
            assert subject != "Peru" and capital_of[subject] == answer and draft.stance == "irrelevant"
            assert not matching.holds(answer, outcome.counter_aliases)


def test_poison_begins_with_the_question_and_is_one_source() -> None:
    kept, _ = drawn("poisoning", [question()], [found(question(), "Bread.")])
    texts = [p["text"] for p in kept[0]["passages"]]
    assert len(set(texts)) == 5 and all(text.startswith("What is the capital of Peru? ") for text in texts)
    assert len({p["source_id"] for p in kept[0]["passages"]}) == 1


def test_amplified_passages_count_as_their_source() -> None:
    asked = question()
    row = found(asked, "Lima is the capital of Peru.", "In Peru lies Lima.")
    (told,), _ = drawn("amplification", [asked], [row])
    plain, _ = drawn("entity-substitution", [asked], [row])
    sources = [p["source_id"] for p in told["passages"]]
    assert sources == ["p1", "p2"] * 9  # the source itself and eight reports, by turns
    assert len({p["text"] for p in told["passages"]}) == 18
    told_plainly = plain[0]["passages"][0]["text"].replace(plain[0]["counter_answer"], told["counter_answer"])
    assert all(told_plainly in p["text"] for p in told["passages"][::2])


def test_a_data_sets_own_counter_passages_are_taken_as_they_are() -> None:
    asked, bare, without = question(), question("Norway", ["Oslo"]), question("France", ["Paris"])
    own = {"stance": "counter", "origin": "shipped", "counter_answer": "Cusco", "score": None}
    told = [passage("Cusco is the capital.", rank=1, passage_id="s1", **own)]
    told += [passage("The capital: Qosqo.", rank=2, passage_id="s2", **own)]
    shipped = {
        "q-Peru": {"counter_answer": "Cusco", "counter_aliases": ["Cusco", "Qosqo"], "passages": told},
        "q-Norway": {"counter_answer": "Bergen", "counter_aliases": ["Bergen"], "passages": []},
    }
    row = found(asked, "Lima is in Peru.")
    rows = [row, found(bare, "Oslo is in Norway."), found(without, "Paris is in France.")]
    pools = split_pools(capitals(), shipped=shipped.get)
    kept, rejected = draw([asked, bare, without], pools, rows, "benchmark", injectors.load("benchmark"), 0)
    assert [(r["question_id"], r["reason"]) for r in rejected] == [("q-France", "no-counter-answer")]
    assert [r["counter_aliases"] for r in kept] == [["Cusco", "Qosqo"], ["Bergen"]]
    assert kept[0]["passages"] == [{**one, "source_id": one["passage_id"]} for one in told]  # no lineage is made up
    assert kept[1]["passages"] == []
    composed, _ = compose([asked], [row], kept, condition("c", "0", "keep", "first"), 1, 0)
    assert [p["passage_id"] for p in composed[0]["passages"]] == ["p1"]
    composed, _ = compose([asked], [row], kept, condition("c", "2", "keep", "last", "2"), 1, 0)
    assert [p["passage_id"] for p in composed[0]["passages"]] == ["p1", "s1", "s2"]
    assert gate(composed, [row], False) == (composed, [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"source_id": None}, "broken-lineage"),
        ({"counter_answer": None}, "broken-lineage"),
        ({"origin": "injected"}, "broken-lineage"),  # what an injector made says by which, and with which seed
        ({"text": "Cusco is"}, "unreadable"),
        ({"text": "Lima, not Cusco, is it."}, "gold-leak"),
        ({"text": "It is Arequipa, they say."}, "counter-missing"),
        ({"title": "", "text": "Lima is in Peru."}, "duplicate-passage"),
    ],
)
def test_the_gates_judge_a_shipped_counter_passage_as_an_injected_one(change: Row, reason: str) -> None:
    asked = question()
    row = found(asked, "Lima is in Peru.")
    own = {"stance": "counter", "origin": "shipped", "counter_answer": "Cusco", "source_id": "s1"}
    one = passage("Cusco is the capital.", passage_id="s1", **own)
    kept = {"question_id": "q-Peru", "contradicts": "gold", "counter_answer": "Cusco", "counter_aliases": ["Cusco"]}
    composed, _ = compose(
        [asked], [row], [{**kept, "passages": [{**one, **change}]}], condition("c", "1", "keep", "last"), 1, 0
    )
    assert [r["reason"] for r in gate(composed, [row], False)[1]] == [reason]
    composed, _ = compose([asked], [row], [{**kept, "passages": [one]}], condition("c", "1", "keep", "last"), 1, 0)
    assert gate(composed, [row], False)[1] == []


FACTORS = {"slight": (0.75, 1.25), "large": (0.2, 4.1), "absurd": (0.005, 101)}


@pytest.mark.parametrize("grade", FACTORS)
@given(st.integers(100, 10**7), st.integers(0, 99))
def test_a_number_is_changed_by_its_grade_and_keeps_its_form(grade: str, number: int, seed: int) -> None:
    gold = f"{number:,} km"
    for form in _changed(gold, grade, random.Random(seed)):
        assert re.fullmatch(r"\d{1,3}(?:,\d{3})* km" if "," in gold else r"\d+ km", form) and form != gold
        low, high = FACTORS[grade]
        ratio = int(form[:-3].replace(",", "")) / number
        assert low <= ratio <= high
        # 0.75 and 1.25 lie half-way to the next grade: what is nearer to 1 is slight, what is within 5 is large.
        assert grade == "slight" or not 0.75 < ratio < 1.25
        assert grade != "absurd" or not 0.2 < ratio < 5


@pytest.mark.parametrize(("grade", "low", "high"), [("slight", 1, 10), ("large", 11, 50), ("absurd", 100, 500)])
@pytest.mark.parametrize("gold", ["1969", "July 1969", "20 July 1969", "July 20, 1969", "1969-07-20"])
def test_a_date_is_moved_by_years_and_keeps_its_form(grade: str, low: int, high: int, gold: str) -> None:
    forms = list(_changed(gold, grade, random.Random(1)))
    assert forms
    for form in forms:
        (year,) = re.findall(r"\d{4}", form)
        assert form.replace(year, "1969") == gold and low <= abs(int(year) - 1969) <= high


def test_small_numbers_are_changed_and_texts_are_not() -> None:
    # 1 times 0.8 rounds to 1: it becomes 2, as 0 would be no number of anything.
    assert set(_changed("1", "slight", random.Random(0))) == {"2"}
    assert list(_changed("1.50 m", "large", random.Random(0))) != []
    assert list(_changed("Lima", "large", random.Random(0))) == []
    asked = question("Everest", ["8,849 m", "8,848 m"])
    row = found(asked, "Everest is 8,849 m high, or 8,848 m.")
    inject = injectors.load("numeric-perturbation.absurd")
    outcome = inject(asked, row["passages"], Pools({}), row_random(0, "s", "q"))
    assert isinstance(outcome, Injection)
    assert outcome.drafts[0].text == f"Everest is {outcome.counter_answer} high, or {outcome.counter_answer}."
    refusal = inject(question(), [], Pools({}), random.Random(0))
    assert isinstance(refusal, Refusal) and refusal.reason == "not-numeric"


@given(worlds(), st.integers(0, 99))
def test_a_memory_that_is_right_is_contradicted_as_gold_and_a_wrong_one_by_the_truth(
    world: tuple[list[Row], list[Row]], seed: int
) -> None:
    questions, retrieved = world
    inject, pools = injectors.load("entity-substitution"), split_pools(capitals())
    right = {asked["question_id"]: f"It is {asked['answers'][0]}." for asked in questions}
    assert draw(questions, pools, retrieved, KIND, inject, seed, right) == draw(
        questions, pools, retrieved, KIND, inject, seed
    )
    asked, row = questions[0], retrieved[0]
    others = [a for a in pools["test"].same_relation(asked) if substitution.differs(a, asked)]
    believed = random.Random(seed).choice(others)
    wrong = {asked["question_id"]: f"Final answer: {believed.answer}"}
    (counters,), _ = draw([asked], pools, [row], KIND, inject, seed, wrong)
    assert (counters["contradicts"], counters["counter_answer"]) == ("counter", believed.answer)
    # Truth and stance stay apart: the passages support gold, and what is labelled counter is what the model believes.
    assert [label(name, asked["answers"], counters["counter_aliases"]) for name in counters["counter_aliases"]] == [
        "counter"
    ] * len(counters["counter_aliases"])
    assert {label(name, asked["answers"], counters["counter_aliases"]) for name in asked["answers"]} == {"gold"}
    supporting = [p["text"] for p in row["passages"] if p["stance"] == "supporting"]
    assert {p["text"] for p in counters["passages"]} == set(supporting)
    for one in counters["passages"]:
        assert (one["stance"], one["counter_answer"]) == ("supporting", None)
    assume(supporting)
    for supporting_choice, count in (("remove", "1"), ("remove", "0"), ("replace", "all"), ("keep", "1")):
        setting = condition("c", count, supporting_choice, "first")
        composed, _ = compose([asked], [row], [counters], setting, 4, seed)
        for example in composed:
            assert [p["origin"] for p in example["passages"]].count("injected") == (count == "1")
            gold = [p for p in example["passages"] if passage_holds(p, asked["answers"])]
            if supporting_choice == "remove":
                assert len(gold) == int(count)
                assert not any(passage_holds(p, [believed.answer]) for p in example["passages"])
            _, rejected = gate([example], [row], supporting_choice != "keep", {asked["question_id"]: "counter"})
            assert {r["reason"] for r in rejected} <= {"duplicate-passage", "support-missing"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I do not know.", "memory-abstains"),
        ("Somewhere in the Andes.", "memory-unknown"),
        ("Lima or Oslo", "memory-both"),
        ("Paris or Oslo", "memory-both"),
    ],
)
def test_a_memory_that_cannot_be_told_is_rejected(answer: str, reason: str) -> None:
    asked = question()
    row = found(asked, "Lima is in Peru.")
    inject = injectors.load("entity-substitution")
    kept, rejected = draw([asked], split_pools(capitals()), [row], KIND, inject, 0, {asked["question_id"]: answer})
    assert kept == [] and [r["reason"] for r in rejected] == [reason]
    _, rejected = draw([asked], split_pools(capitals()), [row], KIND, inject, 0, {})
    assert [r["reason"] for r in rejected] == ["memory-unknown"]


@pytest.mark.parametrize("answer", ["Washington, D.C.", "Guatemala City, in Guatemala"])
def test_names_of_one_answer_are_one_memory(answer: str) -> None:
    """The first has two names of one answer in it, the second a country that is no answer of the relation."""
    asked = question()
    row = found(asked, "Lima is in Peru.")
    inject = injectors.load("entity-substitution")
    kept, rejected = draw([asked], split_pools(capitals()), [row], KIND, inject, 0, {asked["question_id"]: answer})
    assert rejected == [] and matching.holds(answer, kept[0]["counter_aliases"])


@pytest.mark.parametrize(
    "gold", ["29 February 2000", "February 29, 2000", "Feb. 29, 2000", "29 Feb 2000", "2000-02-29"]
)
def test_the_leap_day_is_moved_to_leap_years(gold: str) -> None:
    years = {
        int(re.findall(r"\d{4}", form)[0])
        for seed in range(30)
        for grade in ("slight", "large")
        for form in _changed(gold, grade, random.Random(seed))
    }
    assert years and all(year % 4 == 0 and (year % 100 or year % 400 == 0) for year in years)
    others = [
        _changed(form, "slight", random.Random(0)) for form in ("28 February 2000", "29 March 2000", "2000-12-29")
    ]
    assert [len(list(forms)) for forms in others] == [10, 10, 10]
