from collections import Counter, defaultdict
from pathlib import Path

import pytest
from interexter.core import errors, identity, tables
from interexter.core.tables import Row
from interexter.data import atlas
from interexter.data.schemas import CORPUS, QUESTIONS
from interexter.text import matching, stance


@pytest.fixture(scope="module")
def questions() -> list[Row]:
    return atlas.questions()


@pytest.fixture(scope="module")
def corpus() -> list[Row]:
    return atlas.corpus()


def _about(questions: list[Row], relation: str, subject: str) -> Row:
    [found] = [row for row in questions if (row["relation"], row["subject"]) == (relation, subject)]
    return found


def test_the_data_set_is_as_large_as_promised(questions: list[Row], corpus: list[Row]) -> None:
    relations = Counter(row["relation"] for row in questions)
    assert len(questions) >= 1200
    assert len(corpus) >= 1500
    assert len(relations) >= 8
    assert max(relations.values()) <= 0.25 * len(questions)


def test_rows_fit_their_schemas(questions: list[Row], corpus: list[Row], tmp_path: Path) -> None:
    for rows, schema in ((questions, QUESTIONS), (corpus, CORPUS)):
        tables.write_rows(tmp_path / "rows.parquet", rows, schema)
        assert tables.read_rows(tmp_path / "rows.parquet", schema) == rows


def test_every_id_question_and_passage_is_there_once(questions: list[Row], corpus: list[Row]) -> None:
    for rows, column in (
        (questions, "question_id"),
        (questions, "question"),
        (corpus, "passage_id"),
        (corpus, "title"),
        (corpus, "text"),
    ):
        assert [value for value, count in Counter(row[column] for row in rows).items() if count > 1] == []
    assert all(row["passage_id"] == identity.content_id([row["title"], row["text"]]) for row in corpus)


def test_a_second_build_gives_the_same_rows(questions: list[Row], corpus: list[Row]) -> None:
    for cached in vars(atlas).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()
    assert atlas.questions() == questions
    assert atlas.corpus() == corpus


def test_no_subject_and_no_entity_is_on_both_sides(questions: list[Row]) -> None:
    sides = defaultdict(set)
    for row in questions:
        sides[row["subject"]].add(row["split"])
    assert [subject for subject, splits in sides.items() if len(splits) > 1] == []
    # What is asked about a country, its capital and its cities lies on one side.
    for country, capital, city in (("Japan", "Tokyo", "Osaka"), ("Germany", "Berlin", "Hamburg")):
        rows = [row for row in questions if row["subject"] in (country, capital, city)]
        assert {row["relation"] for row in rows} >= {"capital", "capital_of", "city_country", "currency", "language"}
        assert len({row["split"] for row in rows}) == 1
    # Likewise an element under its name and its symbol, and the cities of a state.
    for subjects in (("iron", "Fe"), ("Houston", "Dallas")):
        assert len({row["split"] for row in questions if row["subject"] in subjects}) == 1
    assert 0.4 < sum(row["split"] == "test" for row in questions) / len(questions) < 0.6


def test_every_relation_can_give_a_counter_answer(questions: list[Row]) -> None:
    answers = defaultdict(set)
    for row in questions:
        answers[row["relation"], row["split"]].add(row["answers"][0])
    for relation in atlas.RELATIONS:
        assert all(len(answers[relation, split]) >= 6 for split in ("train", "test"))


def test_every_question_has_passages_that_support_it(questions: list[Row], corpus: list[Row]) -> None:
    holding = defaultdict(set)
    for place, passage in enumerate(corpus):
        for part in (passage["title"], passage["text"]):
            for word in matching.words(part).folded:
                holding[word].add(place)
    counts = []
    for row in questions:
        # Only passages that hold every word of the subject can support; of those the real check decides.
        near = set.intersection(*(holding[word] for word in matching.words(row["subject"]).folded))
        passages = [corpus[place] for place in near]
        told = [p for p in passages if stance.stance_of(p, row["answers"], row["subject"]) == stance.SUPPORTING]
        assert told, row
        assert any(matching.holds(p["text"], row["answers"][:1]) for p in told), row
        counts.append(len(told))
    assert sum(count <= 3 for count in counts) >= 0.98 * len(counts)


def test_passages_are_short_and_begin_with_what_they_are_about(questions: list[Row], corpus: list[Row]) -> None:
    # SmolLM2's tokenizer makes 1.46 tokens of a word here: 40 words are under 60 tokens.
    assert max(len(row["text"].split()) for row in corpus) <= 40
    assert min(len(row["text"].split()) for row in corpus) >= 8
    for row in corpus:
        assert row["text"][0].isupper() or not row["text"][0].isascii() or row["text"][0] in "'", row
        assert row["text"].endswith("."), row
        assert not {"{", "}", "  ", ".."} & {row["text"][i : i + n] for i in range(len(row["text"])) for n in (1, 2)}


def test_gold_answers_are_sane(questions: list[Row]) -> None:
    for row in questions:
        answers = row["answers"]
        assert answers
        assert all(name and name == name.strip() for name in answers), row
        assert not any(matching.same(a, b) for i, a in enumerate(answers) for b in answers[:i]), row
        assert not matching.holds(row["question"], answers), row
        assert matching.holds(row["question"], [row["subject"]]), row
        assert row["popularity"] >= 0


@pytest.mark.parametrize(
    ("relation", "subject", "answer"),
    [
        ("capital", "France", "Paris"),
        ("capital", "United States", "Washington"),
        ("capital", "Bolivia", "La Paz"),
        ("capital_of", "Washington, D.C.", "USA"),
        ("capital_of", "Canberra", "Australia"),
        ("city_country", "Mumbai", "India"),
        ("currency", "Japan", "yen"),
        ("currency", "Panama", "US dollar"),
        ("currency", "United Kingdom", "pound sterling"),
        ("language", "Brazil", "Portuguese"),
        ("language", "Canada", "French"),
        ("language", "New Zealand", "English"),
        ("continent", "Kenya", "Africa"),
        ("us_state", "Houston", "Texas"),
        ("symbol", "iron", "Fe"),
        ("symbol", "gold", "Au"),
        ("element", "Na", "sodium"),
        ("element", "Al", "aluminium"),
        ("atomic_number", "gold", "79"),
        ("script", "Russian", "Cyrillic"),
        ("script", "Korean", "Hangul"),
    ],
)
def test_known_facts(questions: list[Row], relation: str, subject: str, answer: str) -> None:
    assert answer in _about(questions, relation, subject)["answers"]


def test_the_preferred_answer_comes_first_and_the_article_is_in_the_sentence(questions: list[Row]) -> None:
    row = _about(questions, "capital", "Netherlands")
    assert row["answers"][0] == "Amsterdam"
    assert "the Netherlands" in row["question"]
    assert _about(questions, "currency", "Japan")["answers"] == ["yen", "Japanese yen"]
    assert _about(questions, "capital_of", "London")["answers"][0] == "United Kingdom"


def test_what_has_no_single_meaning_is_left_out_and_counted(questions: list[Row]) -> None:
    subjects = {row["subject"] for row in questions}
    assert not subjects & {"Georgia", "Hyderabad", "Guinea", "In", "I"}
    left_out = atlas.card()["left_out"]
    assert left_out["(every relation)"]["a US state has the same name"] == {"count": 1, "subjects": ["Georgia"]}
    assert "Hyderabad" in left_out["city_country"]["another city has this name"]["subjects"]
    assert "Singapore" in left_out["capital"]["the question gives the answer away"]["subjects"]
    assert "Russia" in left_out["continent"]["on two continents, or counted with either"]["subjects"]


def test_the_card_counts_what_was_built(questions: list[Row], corpus: list[Row]) -> None:
    card = atlas.card()
    assert card["questions"] == len(questions) == sum(r["questions"] for r in card["relations"].values())
    assert card["splits"] == dict(Counter(row["split"] for row in questions))
    assert card["passages"] == len(corpus) > card["supporting_passages"]
    assert card["sources"]["Babel"]["version"] == "2.18.0"


def test_another_version_of_a_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(atlas.SOURCES, "pycountry", ("1.2.3", "", ""))
    atlas._facts.cache_clear()
    with pytest.raises(errors.UserError, match=r"pycountry must be version 1\.2\.3, found"):
        atlas.questions()
    monkeypatch.undo()
    assert atlas.questions()


def test_figures_are_rounded_for_reading() -> None:
    assert atlas._people(66_987_244) == "67.0 million"
    assert atlas._people(1_352_617_328) == "1.35 billion"
    assert atlas._people(353_574) == "354,000"
    assert atlas._round(547_030) == "547,000"
    assert atlas._round(3.39) == "3.4"
    assert atlas._and(["Spain"]) == "Spain"
    assert atlas._and(["Spain", "Italy", "France"]) == "Spain, Italy and France"
