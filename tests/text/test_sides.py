"""The sides that an answer takes: what it asserts, not what it mentions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.sides import sides_of

GOLD, COUNTER = ["Paris"], ["Lyon"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Paris", {"gold"}),
        ("Paris or Lyon", {"gold", "counter"}),
        # denied, rejected, doubted
        ("It is not Lyon.", set()),
        ("Not Lyon but Paris.", {"gold"}),
        ("Lyon rather than Paris", {"counter"}),
        ("Document 1 says Lyon, which is wrong.", set()),
        ("I do not know if it is Paris.", set()),
        ("There is no doubt that it is Paris.", {"gold"}),
        ("Not Lyon, Paris.", {"gold"}),
        ("Not Lyon, Paris or Rome.", set()),
        ("Paris - not Lyon", {"gold"}),
        ("Lyon \u2013 which is wrong", set()),
        # as other languages deny
        ("Die Hauptstadt ist Paris und nicht Lyon.", {"gold"}),
        ("Paris, niet Lyon", {"gold"}),
        ("Niet Lyon maar Paris", {"gold"}),
        ("Inte Lyon utan Paris", {"gold"}),
        ("Ikke Lyon, men Paris", {"gold"}),
        ("Nie Lyon, lecz Paris", {"gold"}),
        ("Nem Lyon, hanem Paris", {"gold"}),
        ("Lyon de\u011fil, Paris", {"gold"}),
        ("Kh\u00f4ng ph\u1ea3i Lyon m\u00e0 l\u00e0 Paris", {"gold"}),
        ("Bukan Lyon, tetapi Paris", {"gold"}),
        ("Lyon \uc544\ub2c8\ub77c Paris", {"gold"}),
        ("Lyon\u3067\u306f\u306a\u304fParis\u3067\u3059", {"gold"}),
        ("\u4e0d\u662fLyon\u800c\u662fParis", {"gold"}),
        # what may be, and what is quoted
        ("Paris, but possibly Lyon", {"gold"}),
        ("It could be Lyon.", {"counter"}),
        ("Document 1 says Lyon. It is Paris.", {"gold"}),
        ("Document 1 says Lyon.", {"counter"}),
        ("Document 1 says Lyon. However, Document 2 says Paris.", {"gold"}),
        ("Although Lyon is large, it is Paris.", {"gold"}),
        ("Paris, despite Document 1 saying Lyon", {"gold"}),
        ("It is Paris in spite of what Document 1 says of Lyon.", {"gold"}),
        ("Despite Document 2, which says Lyon, it is Paris.", {"gold"}),
        ("Regardless of Document 2 (Lyon), the capital is Paris.", {"gold"}),
        ("Is it Lyon? Paris.", {"gold"}),
        ("Although I remember Paris, the documents say Lyon.", {"counter"}),  # conceded is less than quoted
        ("Lyon is in the south, so the answer is Paris.", {"gold"}),  # what is concluded is more than what is said
        ("It was not Paris before 987", {"gold"}),
        ("Non è Lyon ma Paris.", {"gold"}),
        ("Document 2 wrongly says Lyon.", set()),
        ("Document 2's claim about Lyon can be dismissed.", set()),
        ("Paris and no longer Lyon", {"gold"}),
        ("Paris?", {"gold"}),
        # what is in brackets
        ("Paris (Document 2 says Lyon, which is wrong)", {"gold"}),
        ("Contrary to Document 2 (Lyon), it is Paris", {"gold"}),
        # with what says that nothing is known
        ("I cannot tell: one says Paris, one says Lyon.", set()),
        ("The documents mention Lyon, but the answer is not given.", set()),
        ("I don't know; perhaps Lyon.", {"counter"}),
    ],
)
def test_the_sides_of_an_answer(answer: str, expected: set[str]) -> None:
    assert sides_of(answer, GOLD, COUNTER) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("No Country for Old Men", {"gold"}),  # a "no" within a name denies nothing
        ("It is not Not Fade Away.", set()),
        ("Not Fade Away is wrong; it is No Country for Old Men", {"gold"}),
    ],
)
def test_words_within_a_name_say_nothing_about_it(answer: str, expected: set[str]) -> None:
    assert sides_of(answer, ["No Country for Old Men"], ["Not Fade Away"]) == expected


def test_a_name_within_a_longer_one_of_the_other_side_is_not_meant() -> None:
    assert sides_of("Equatorial Guinea", ["Guinea"], ["Equatorial Guinea"]) == {"counter"}
    assert sides_of("Guinea", ["Guinea"], ["Equatorial Guinea"]) == {"gold"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Yes, they are.", {"gold"}),
        ("Yes \u2014 they are both American.", {"gold"}),
        ("No \u2013 one is Danish.", {"counter"}),
        ("Both are American - yes", {"gold"}),
        ("- Yes", {"gold"}),
        ("He was a yes-man", set()),
        ("No evidence was found, so no.", {"counter"}),
        ("No, yes would be wrong.", {"counter"}),
        ("Yes, although Document 1 says no.", {"gold"}),
        ("Document 1 says no.", {"counter"}),
        ("Yes, there is no doubt about it.", {"gold"}),
        ("There is no information.", set()),
        ("It does.", {"gold"}),
        ("Not at all.", {"counter"}),
        ("Absolutely not.", {"counter"}),
        ("No way.", {"counter"}),
        ("It is not true that he won.", {"counter"}),
        ("Yep.", {"gold"}),
        ("Certainly.", {"gold"}),
        ("Of course, the documents do not say whether.", set()),  # a courtesy, where more follows
        ("False", {"counter"}),
    ],
)
def test_yes_and_no(answer: str, expected: set[str]) -> None:
    assert sides_of(answer, ["yes"], ["no"]) == expected


pieces = st.sampled_from(
    ["Paris", "Lyon", "not", "but", ".", ", which is wrong", "Document 1 says", "(", ")", "?", "may"]
)


@given(st.lists(pieces, max_size=9).map(" ".join))
def test_sides_mirror_when_the_names_are_swapped(answer: str) -> None:
    other = {"gold": "counter", "counter": "gold"}
    assert sides_of(answer, COUNTER, GOLD) == {other[side] for side in sides_of(answer, GOLD, COUNTER)}
