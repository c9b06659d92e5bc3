"""Another name in a mention's place: what depends on the name fits it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import question
from interexter.core.tables import Row
from interexter.injection import derived, nations, prose, renaming
from interexter.injection.prose import Place

COUNTRY = {"relation": "country", "answer_type": "country"}


def told(text: str, gold: list[str], counter: str, subject: str = "Nowhere", title: bool = False, **other: str) -> str:
    asked: Row = {**question(subject, gold), "question": f"Where is {subject}?", **COUNTRY, **other}
    return prose.put(text, renaming.places(text, asked, counter), title)


@pytest.mark.parametrize(
    ("text", "gold", "counter", "expected"),
    [
        # the article of a country
        ("It lies in the Netherlands.", "Netherlands", "Peru", "It lies in Peru."),
        ("It lies in Peru.", "Peru", "Netherlands", "It lies in the Netherlands."),
        ("Peru is large.", "Peru", "United States", "The United States is large."),
        ("The Netherlands is flat.", "Netherlands", "Peru", "Peru is flat."),
        ("It lies in Peru.", "Peru", "Russian Federation", "It lies in the Russian Federation."),
        ("It lies in the Islamic Republic of Iran.", "Islamic Republic of Iran", "Peru", "It lies in Peru."),
        ("the northern Netherlands", "Netherlands", "Peru", "northern Peru"),
        ("in north-west Peru, by", "Peru", "Philippines", "in the north-west Philippines, by"),
        ("his native Peru", "Peru", "Netherlands", "his native Netherlands"),
        ("of Nazi Germany.", "Germany", "United States", "of the Nazi United States."),
        ("a unified Germany", "Germany", "United States", "a unified United States"),
        ("Santiago de Chile", "Chile", "Dominican Republic", "Santiago de Dominican Republic"),
        ("in Rotterdam, Peru.", "Peru", "Netherlands", "in Rotterdam, Netherlands."),
        ("in Chile, Peru, and Cuba", "Peru", "Netherlands", "in Chile, the Netherlands, and Cuba"),
        # a and an
        ("was a German chemist", "German", "Irish", "was an Irish chemist"),
        ("An American in Paris", "American", "German", "A German in Paris"),
        ("was an English poet", "English", "Ukrainian", "was a Ukrainian poet"),
        # name, adjective, people, language
        ("was a Dutch painter from the Netherlands", "Dutch", "Georgian", "was a Georgian painter from Georgia"),
        ("in the Indian state of Goa, India", "India", "Cuba", "in the Cuban state of Goa, Cuba"),
        ("the U.S. state of Ohio, United States", "United States", "Peru", "the Peruvian state of Ohio, Peru"),
        ("was the first American to win", "American", "Swedish", "was the first Swede to win"),
        ("one of the richest Americans", "American", "Swiss", "one of the richest Swiss people"),
        ("Emperor of the French", "French", "British", "Emperor of the British"),
        ("a French poet in the French language", "French", "Cuban", "a Cuban poet in the Spanish language"),
        ("having helped Finland develop", "Finland", "Sweden", "having helped Sweden develop"),
        ("officially the United States of America", "United States", "Peru", "officially the Republic of Peru"),
        ("the Russian Federation", "Russia", "Peru", "the Peruvian Federation"),
        # what is another's
        ("Gulf of Mexico, New Mexico and Mexico City", "Mexico", "Peru", "Gulf of Mexico, New Mexico and Mexico City"),
        ("South Sudan and Sudan", "Sudan", "Peru", "South Sudan and Peru"),
        ("the Indian Ocean off India", "India", "Peru", "the Indian Ocean off Peru"),
        # possessives
        ("Peru's coast", "Peru", "Netherlands", "The Netherlands' coast"),
        ("The Netherlands' coast", "Netherlands", "Peru", "Peru's coast"),
        # initials
        ("the United Arab Emirates (UAE), the UAE's", "United Arab Emirates", "Peru", "Peru, Peru's"),
        ("Republic of China (RC). The RC grew.", "China", "Peru", "Republic of Peru (RP). The RP grew."),
    ],
)  # fmt: skip
def test_a_nation_is_replaced_in_all_its_forms(text: str, gold: str, counter: str, expected: str) -> None:
    assert told(text, [gold], counter) == expected


WHO = {"question": "Who wrote it?", "relation": "author", "answer_type": "person"}


@pytest.mark.parametrize(
    ("text", "gold", "counter", "expected"),
    [
        ("by Stanley Kubrick. Kubrick's film", ["Stanley Kubrick"], "Billy Wilder", "by Billy Wilder. Wilder's film"),
        ("by Kubrick and", ["Stanley Kubrick", "Kubrick"], "Billy Wilder", "by Wilder and"),
        ("by Arthur Ignatius Conan Doyle", ["Arthur Conan Doyle"], "Jane Austen", "by Jane Austen"),
        ("John Ronald Reuel Tolkien", ["J. R. R. Tolkien"], "Jane Austen", "Jane Austen"),
        ("Kubrick's film", ["Stanley Kubrick"], "Vittorio De Sica", "De Sica's film"),
        ("the National Tennis Club for tennis", ["tennis"], "boxing", "the National Boxing Club for boxing"),
        ("gold is heavy. Gold is soft.", ["gold"], "lead", "lead is heavy. Lead is soft."),
        ("in Washington, D.C. It has", ["Washington, D.C."], "Oslo", "in Oslo. It has"),
        ("in Washington, D.C., and", ["Washington, D.C."], "Oslo", "in Oslo and"),
        ("in Oslo on a fjord", ["Oslo"], "Washington, D.C.", "in Washington, D.C., on a fjord"),
        ("in Oslo.", ["Oslo"], "Washington, D.C.", "in Washington, D.C."),
        ("The Beatles were there.", ["The Beatles"], "Elvis Presley", "Elvis Presley was there."),
        ("Elvis Presley was there.", ["Elvis Presley"], "the Beatles", "The Beatles were there."),
        ("Dickens' novel", ["Charles Dickens", "Dickens"], "Leo Tolstoy", "Tolstoy's novel"),
        ("PAID BY THE BANK OF CHILE", ["Bank of Chile"], "Rabobank", "PAID BY THE RABOBANK"),
        ("the World Bank (WB) met. WB is", ["World Bank"], "European Union", "the European Union (EU) met. EU is"),
        ("it has 1,855 people", ["1,855"], "11", "it has 11 people"),
        ("an 1855 novel", ["1855"], "1963", "a 1963 novel"),
    ],
)  # fmt: skip
def test_a_name_is_fitted_to_its_sentence(text: str, gold: list[str], counter: str, expected: str) -> None:
    assert told(text, gold, counter, **WHO) == expected


def test_a_title_is_no_sentence() -> None:
    assert told("Peru: Geography", ["Peru"], "Netherlands", title=True) == "Netherlands: Geography"
    assert told("The Netherlands", ["Netherlands"], "Peru", title=True) == "Peru"


def test_an_is_said_before_a_vowel() -> None:
    assert all(map(prose.an, ["American", "Irish", "hour", "Umbrian", "FBI agent", "8", "11", "18th", "1855"]))
    consonants = ["Ukrainian", "European", "Ugandan", "one-eyed", "UN envoy", "U.S.", "NATO base", "1,800", "180"]
    assert not any(map(prose.an, consonants))


@given(st.lists(st.sampled_from(["Lima", "the", "a", "was", "Old", "(", ".", "in", "said,"]), max_size=8))
def test_what_is_beside_a_place_stays_but_for_articles(words: list[str]) -> None:
    before = " ".join(words)
    text = f"{before} GOLD stays here" if before else "GOLD stays here"
    start = text.index("GOLD")
    done = prose.put(text, [Place((start, start + 4), "Oslo")])
    assert done.endswith("Oslo stays here")
    assert done.removesuffix("Oslo stays here").split()[:-1] == words[:-1]
    assert prose.put(text, []) == text


@pytest.mark.parametrize(
    ("text", "gold", "counter", "expected"),
    [
        ("Parisian fashion", ["Paris"], ["Oslo"], "Parisian"),
        ("a Kafkaesque tale", ["Kafka"], ["Oslo"], "Kafkaesque"),
        ("Mustelids eat, and mustelids sleep.", ["Mustelidae"], ["Felidae"], "mustelids"),
        ("Viennese waltzes", ["Vienna"], ["Oslo"], "Viennese"),
        ("the Indian state", ["India"], ["Peru"], "Indian"),
        ("the Indian Ocean", ["India"], ["Peru"], None),
        ("Turkish delight", ["Turkey"], ["Goose"], None),  # a bird
        ("Indiana and Romania", ["India", "Rome"], ["Peru"], None),
        ("Romanesque arches", ["Oslo"], ["Rome"], None),
    ],
)
def test_words_derived_from_a_gold_answer(text: str, gold: list[str], counter: list[str], expected: str | None) -> None:
    assert derived.left(text, {**question("Nowhere", gold), **COUNTRY}, counter) == expected


def test_a_word_that_the_question_says_is_no_leak() -> None:
    asked = {**question("Goa", ["India"]), "question": "In which Indian state?"}
    assert derived.left("the Indian state", asked, ["Peru"]) is None


def test_the_table_of_nations() -> None:
    every = nations.nations()
    assert len({nation.names[0] for nation in every}) == len(every) > 190
    for nation in every:
        assert nation.adjectives and nation.person and nation.people and nation.language
        assert nation.with_article <= set(nation.names)
        for name in nation.names:
            assert nations.role_of(name) == nations.NAME, name
            assert nation in nations.of_name(name)
