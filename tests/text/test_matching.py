"""Matching of names in text: token boundaries, normal forms, spans, abstentions and final answers."""

from typing import NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from interexter.text import matching


class Token(NamedTuple):
    folded: str
    cased: str
    span: matching.Span


def tokens(text: str) -> list[Token]:
    return list(map(Token, *matching.words(text), matching.spans(text)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Paris is the capital", "Paris"),
        ("It is PARIS.", "paris"),
        ("(Paris)", "Paris"),
        ("**Paris**", "Paris"),
        ("_Paris_", "Paris"),  # Markdown
        ("Paris,France", "France"),
        ("Kyiv/Kiev", "Kiev"),
        ("the city of New  York", "New York"),
        ("Ulan-Bator", "Ulan Bator"),
        # articles of a name
        ("Hague", "The Hague"),
        ("in The Hague", "Hague"),
        # possessives
        ("France's capital", "France"),
        ("France\u2019s capital", "France"),
        ("James' book", "James"),
        ("C\u00f4te d'Ivoire's coast", "Cote d'Ivoire"),
        ("O'Brien", "O\u2019Brien"),
        # accents, composed and decomposed, and compatibility forms
        ("S\u00e3o Tom\u00e9", "Sao Tome"),
        ("Sao Tome", "S\u00e3o Tom\u00e9"),
        ("Sa\u0303o", "S\u00e3o"),
        ("\u00c9A", "E\u0301A"),  # short, with its case
        ("Stra\u00dfe", "Strasse"),
        ("\u0130stanbul", "Istanbul"),
        ("\u216b", "XII"),  # one sign for the Roman twelve
        # initialisms
        ("in the U.S.", "US"),
        ("the U.S army", "US"),
        ("the US", "U.S."),
        ("Washington, D.C.", "Washington DC"),
        ("J.R.R. Tolkien", "JRR Tolkien"),
        # numbers
        ("1,234 people", "1234"),
        ("1234 people", "1,234"),
        ("about 67,413,000.5 of them", "67413000.5"),
        ("in 1999.", "1999"),
        ("3.5 km", "3.5"),
        ("1,234km", "1234km"),
        ("the 20th century", "20th"),
        # short names
        ("Its symbol is He.", "He"),
        ("Vitamin C", "C"),
        ("the US", "the US"),
        ("no", "no"),
    ],
)
def test_found(text: str, name: str) -> None:
    assert matching.holds(text, [name])
    assert len(matching.mentions(text, [name])) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("India", "in"),
        ("Parisian", "Paris"),
        ("Comparison", "Paris"),
        ("York New", "New York"),
        # short names keep their case
        ("he left", "He"),
        ("tell us", "US"),
        ("tell us", "the US"),
        ("tell us", "U.S."),
        ("AU", "Au"),
        # numbers are whole
        ("1,234", "1"),
        ("1,234", "234"),
        ("1,234km", "1"),
        ("3.5", "3"),
        ("3.5", "5"),
        ("20th", "20"),
        ("2,5", "25"),  # a list or a decimal comma, no thousands
        ("12,34", "1234"),
        # names of nothing
        ("anything", ""),
        ("\u00a5", "\u00a5"),
        ("a \u0301 b", "\u0301"),
        ("", "Paris"),
    ],
)
def test_not_found(text: str, name: str) -> None:
    assert not matching.holds(text, [name])
    assert matching.mentions(text, [name]) == []


def test_a_name_is_not_found_across_two_texts_or_names() -> None:
    assert not matching.holds("New", ["New York"])
    assert not matching.holds("New York", ["New Jersey", "South York"])


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Paris and Paris", ["Paris"], ["Paris", "Paris"]),
        ("Equatorial Guinea borders Guinea", ["Guinea", "Equatorial Guinea"], ["Equatorial Guinea", "Guinea"]),
        ("France's and US's", ["France", "US"], ["France", "US"]),  # a substitute inherits the possessive
        ("the U.S. and 1,234", ["US", "1234"], ["U.S.", "1,234"]),
        ("S\u00e3o Tom\u00e9, Sao Tome", ["Sao Tome"], ["S\u00e3o Tom\u00e9", "Sao Tome"]),
        ("Sa\u0303o", ["Sao"], ["Sa\u0303o"]),  # a span takes in its accents
        ("York York York", ["York York"], ["York York"]),  # no overlaps
    ],
)
def test_mentions(text: str, names: list[str], found: list[str]) -> None:
    assert [text[start:end] for start, end in matching.mentions(text, names)] == found


# Words that are like names, so that random texts hold them
# fmt: off
words = st.sampled_from([
    "Paris", "paris", "US", "us", "U.S.", "the", "a", "New", "York", "York's", "S\u00e3o", "Sao", "1,234", "1234", "He",
    "in", "India", "\u00c9", "\u0301", "\u037a", "_x_", "'s", "3.5", "\u00bd", "\u4e2d\u56fd", "-", ".", "O'Brien", "",
])
# fmt: on
phrases = st.lists(words, max_size=7).map(" ".join) | st.lists(words, max_size=5).map("".join) | st.text(max_size=20)


@given(phrases, st.lists(phrases, max_size=3))
@example("a \u037ab", ["b"])  # a letter that decomposes to a space and another
@example("\u0301", ["\u0301"])
def test_a_text_holds_names_if_and_only_if_it_mentions_them(text: str, names: list[str]) -> None:
    assert matching.holds(text, names) == bool(matching.mentions(text, names))
    assert matching.holds(text, names) == any(matching.holds(text, [name]) for name in names)


plain = st.lists(
    st.sampled_from(["Paris", "paris", "US", "us", "The", "a", "New", "York", "York.", "", "X"]), max_size=5
).map(" ".join)


@given(phrases | plain, phrases | plain)
@example("It is the US.", "the us")
@example("the us", "The US")
@example("New York.", "ew York")
@example("Vitamin C.", "c")
def test_a_short_text_is_told_as_a_long_one_is(text: str, name: str) -> None:
    behind = " " + "1 - " * 50  # too long for the short way, and nothing that a name could be part of
    assert matching.holds(text, [name]) == matching.holds(text + behind, [name]) or "1" in name


@given(phrases, st.lists(phrases, min_size=1, max_size=3))
def test_mentions_are_ordered_apart_and_at_token_boundaries(text: str, names: list[str]) -> None:
    spans = matching.mentions(text, names)
    assert spans == matching.mentions(text, names[::-1])
    parts = [token.span for token in tokens(text)]
    starts, ends = {start for start, _ in parts}, {end for _, end in parts}
    previous = 0
    for start, end in spans:
        assert previous <= start < end
        assert start in starts
        assert end in ends or text[end : end + 2].lower() in ("'s", "\u2019s")
        assert matching.holds(text[start:end], names)
        previous = end


@given(phrases)
def test_tokens_lie_in_order_and_have_a_form_without_spaces(text: str) -> None:
    previous = 0
    for token in tokens(text):
        start, end = token.span
        assert previous <= start < end <= len(text)
        assert token.folded and token.cased
        assert not any(c.isspace() for c in token.folded + token.cased)
        assert matching.fold(token.cased) == token.folded
        previous = end


@given(phrases)
def test_a_text_holds_itself_if_it_has_tokens(text: str) -> None:
    assert matching.holds(text, [text]) == bool(tokens(text))


@given(phrases, phrases, phrases)
def test_a_name_between_line_ends_is_found(before: str, name: str, after: str) -> None:
    assume(tokens(name))
    assert matching.holds(f"{before}\n{name}\n{after}", [name])


def test_nested() -> None:
    assert matching.nested("Guinea", "Equatorial Guinea")
    assert matching.nested("Equatorial Guinea", "Guinea")
    assert matching.nested("Paris", "paris")
    assert not matching.nested("Niger", "Nigeria")
    assert not matching.nested("US", "tell us")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The Hague", "hague", True),
        ("U.S.", "US", True),
        ("S\u00e3o Tom\u00e9", "Sao Tome", True),
        ("1,234", "1234", True),
        ("Guinea", "Equatorial Guinea", False),
        ("US", "us", False),
        ("\u00a5", "\u20ac", False),  # no letters or digits: compared as they stand
        ("\u00a5", " \u00a5", True),
    ],
)
def test_same(one: str, other: str, expected: bool) -> None:
    assert matching.same(one, other) is expected
    assert matching.same(other, one) is expected


@given(phrases, phrases)
def test_same_names_hold_each_other(one: str, other: str) -> None:
    assert matching.same(one, one)
    if matching.same(one, other) and tokens(one):
        assert matching.holds(one, [other]) and matching.holds(other, [one])


def plainly_held(text: str, name: str) -> bool:
    """Whether a text holds a name, by all its tokens and nothing else: what `holds` says in another way."""
    words = tokens(name)
    if len(words) > 1 and words[0].folded in ("a", "an", "the"):
        del words[0]
    cased = " ".join(word.cased for word in words)
    by_case = len(cased) <= 3 and any(letter.isupper() for letter in cased)
    wanted = f" {cased} " if by_case else f" {' '.join(word.folded for word in words)} "
    said = [token.cased if by_case else token.folded for token in tokens(text)]
    return bool(words) and wanted in f" {' '.join(said)} "


_PIECES = ["U.S.", "us", "the", "New", "new York", "York-New", "1,234.5", "1234.5", "O'Brien", "aa", "a.a", "x.", "I"]
_PIECES += ["São", "sao", "SÃO's", "-", "--", "  ", "\n", "\t", "İs", "ᴬb", "ab", "ﬁn", "Fin's", "york,"]
_PIECES += ["\u1fb3", "\u03b1", "a\u0345b"]  # alpha with iota below, alpha, an iota below alone


@given(
    st.lists(st.sampled_from(_PIECES), max_size=12),
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3),
    st.sampled_from([" ", "", " - ", "\n"]),
)
def test_the_search_finds_what_a_plain_one_finds(text: list[str], name: list[str], between: str) -> None:
    told, asked = between.join(text), " ".join(name)
    assert matching.holds(told, [asked]) == plainly_held(told, asked) == bool(matching.mentions(told, [asked]))


@given(st.text(max_size=30), st.text(max_size=4), st.integers(0, 10))
def test_the_search_finds_what_a_plain_one_finds_in_any_text(text: str, name: str, size: int) -> None:
    for asked in (name, text[size : size + 3]):
        assert matching.holds(text, [asked]) == plainly_held(text, asked)


_WORDS = ["Paris", "paris", "New", "York", "Hague", "the", "US", "Kent", "\u212aent", "S\u00e3o", "\u0130s", "Paris's"]
_BETWEEN = [" ", " ", " ", "  ", "\n", ", ", ".", "-", "'", "_", "(", ") ", "\u2014", "s ", "3", ".\n", "\u0301"]


@given(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=8),
    st.lists(st.sampled_from(_BETWEEN), min_size=8, max_size=8),
    st.lists(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2).map(" ".join), min_size=1, max_size=3),
)
def test_plain_phrases_are_found_where_all_tokens_say_so(said: list[str], signs: list[str], names: list[str]) -> None:
    text = "".join(word + sign for word, sign in zip(said, signs, strict=False))
    assert matching.mentions(text, names) == by_tokens(text, names)
    assert matching.holds(text, names) == bool(by_tokens(text, names))


def by_tokens(text: str, names: list[str]) -> list[tuple[int, int]]:
    """The mentions in a text by all its tokens: those of the names with the most words first, none over another."""
    told = tokens(text)
    wanted = set()
    for name in names:
        words = tokens(name)
        words = words[1:] if len(words) > 1 and words[0].folded in ("a", "an", "the") else words
        cased = [word.cased for word in words]
        by_case = len(" ".join(cased)) <= 3 and any(letter.isupper() for word in cased for letter in word)
        wanted.add((tuple(cased if by_case else (word.folded for word in words)), by_case))
    found: list[tuple[int, int]] = []
    for words, by_case in sorted(wanted, key=lambda one: (-len(one[0]), one[0])):
        for i in range(len(told) - len(words) + 1):
            place = told[i : i + len(words)]
            span = (place[0].span[0], place[-1].span[1])
            if tuple(t.cased if by_case else t.folded for t in place) == words and not any(
                span[0] < stop and start < span[1] for start, stop in found
            ):
                found.append(span)
    ends = ("'s", "\u2019s")
    return sorted((start, stop - 2 if text[stop - 2 : stop].lower() in ends else stop) for start, stop in found)


@given(st.lists(phrases, max_size=3), st.lists(phrases, max_size=3))
def test_the_first_nested_names_are_those_of_a_search_through_all_pairs(some: list[str], others: list[str]) -> None:
    pairs = [(one, other) for one in some for other in others if matching.nested(one, other)]
    assert matching.first_nested(some, others) == (pairs[0] if pairs else None)


@given(phrases)
def test_a_name_has_words_if_and_only_if_it_has_tokens(name: str) -> None:
    assert matching.has_words(name) == bool(tokens(name))
