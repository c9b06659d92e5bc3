"""Answers in text: token boundaries, containment, abstention and the final answer.

Texts are compared as sequences of normalized tokens: case and accents folded, possessives and the
dots of initialisms dropped. So "in" is never found inside "India", and "U.S." equals "US". A name
of at most three characters that has a capital letter ("US", "He") is matched with its case, or a
pronoun would count as an answer.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

Span = tuple[int, int]

_LETTER = "(?:[^\\W_]|[\u0300-\u036f])"  # with the accents of decomposed text; "_Paris_" is Markdown for Paris
_WORD = re.compile(
    r"[A-Za-z]{2,}+(?![\w'\u2019\u0300-\u036f])|"  # plain words: most there are, and found faster than as the last kind
    rf"(?:[^\W\d_]\.)+[^\W\d_](?!{_LETTER})\.?"  # initialisms: U.S., U.S
    rf"|(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)*{_LETTER}*"  # numbers: 1,234.5, 20th
    rf"|{_LETTER}+(?:['\u2019]{_LETTER}+)*"  # words: O'Brien, France's
)
_POSSESSIVE = re.compile(r"['\u2019][sS]$")
_ARTICLES = ("a", "an", "the")
_PADDED_ARTICLES = tuple(f" {article} " for article in _ARTICLES)
_ANSWER = 100  # characters; most answers are no longer, and most longer texts have punctuation
_SHORT = 3  # characters; a name up to this long with a capital letter keeps its case
_BEFORE = frozenset(' \n\t([{"-/:;*?!')  # no token goes on over these, nor begins with them ...
_BEHIND = frozenset(' \n\t)]}"-/:;*?!.,')  # ... nor, behind a word of two letters or more, over these

_ABSTENTION = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n['\u2019]?t) know|i(?: a|['\u2019])m (?:not sure|unsure)|no idea|not known|unknown"
    r"|unclear|unanswerable|not (?:mentioned|specified|stated|provided)"
    r"|(?:documents?|passages?|context|texts?) (?:do|does|did)(?: not|n['\u2019]?t)"
    r" (?:answer|contain|mention|provide|say|specify|state)"
    r"|(?:can ?not|can['\u2019]t|could(?: not|n['\u2019]t)) (?:be )?(?:determined?|answer(?:ed)?)"
    r"|(?:unable|not possible|impossible) to (?:determine|answer)"
    r"|(?:insufficient|not (?:enough|sufficient)) (?:evidence|information)"
    r"|no (?:answer|evidence|information|mention))\b",
    re.IGNORECASE,
)
_FINAL_ANSWER = re.compile(
    rf"(?<![^\W_])final answer(?!{_LETTER})[*_ \t]*(?:(?:is\b)?[*_ \t]*[:\u2013-]|is\b|$)"
    r"[*_\s]*((?:(?!final answer).)*)",  # up to the end of the line or the next field
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_FIELD = re.compile(r"^[*_#> \t]*answer[*_ \t]*:[*_\s]*(.*)$", re.IGNORECASE | re.MULTILINE)
_AROUND = "*_ \t\r"  # what may stand around a field


class _Needle:
    """A name as what is looked for."""

    def __init__(self, words: tuple[str, ...], keeps_case: bool, probe: str, phrase: str) -> None:
        self.words = words  # its normalized tokens
        self.keeps_case = keeps_case
        self.probe = probe  # what the letters of every text that holds the name hold; "" for a name without tokens
        self.phrase = phrase  # its words as in most texts that hold it; "" where they are more than plain letters


class Token(NamedTuple):
    """One token of a text: its normalized form, the form that keeps its case, and its character span."""

    folded: str
    cased: str
    span: Span


def tokens(text: str) -> list[Token]:
    """Split `text` into normalized tokens with their character spans."""
    return list(map(Token, *_parts(text)))


def tokens_folded(text: str) -> list[str]:
    """Return the normalized forms of the tokens of `text`."""
    plain = _plain_words(text)
    return list(_parts(text)[0]) if plain is None else [word.lower() for word in plain]


def holds(text: str, names: Iterable[str]) -> bool:
    """Tell whether `text` contains one of `names` as whole tokens in sequence."""
    padded = _padded(text.removesuffix(".")) if len(text) <= _ANSWER else None  # an initialism has a letter after a dot
    if padded is None:
        return _holds(text, names)
    for name in names:
        phrase = _padded(name)
        if phrase is None or len(name) <= _SHORT or phrase.startswith(_PADDED_ARTICLES):
            held = _holds(text, (name,))
        else:
            held = phrase in padded
        if held:
            return True
    return False


def mentions(text: str, names: Iterable[str]) -> list[Span]:
    """Return the character spans of the mentions of `names`, in order, the longest where they overlap."""
    letters = _lowered(text)[1]
    present = [
        needle
        for needle in map(_needle, names)
        if needle.probe and needle.probe in (_cased_letters(text) if needle.keeps_case else letters)
    ]
    if len(present) > 1:
        present.sort(key=lambda needle: (-len(needle.words), needle.words))
    return _found(text, present) if present else []


def has_words(name: str) -> bool:
    """Tell whether a name has a token: one without is found nowhere."""
    return bool(_needle(name).words)


def nested(one: str, other: str) -> bool:
    """Tell whether one of two names contains the other as whole tokens ("Guinea", "Equatorial Guinea")."""
    return holds(one, [other]) or holds(other, [one])


def first_nested(some: Sequence[str], others: Sequence[str]) -> tuple[str, str] | None:
    """Return the first name of some and the first of others that are nested, None if there are none."""
    if not holds(joined(others), some) and not holds(joined(some), others):  # as most are, told by two questions
        return None
    return next(((one, other) for one in some for other in others if nested(one, other)), None)


def joined(texts: Iterable[str]) -> str:
    """Return one text that holds whatever one of the texts holds, and perhaps what lies across two of them."""
    return "\n".join(texts)


def same(one: str, other: str) -> bool:
    """Tell whether two names are equal after normalization; names without letters or digits, as they stand."""
    first, second = _needle(one), _needle(other)
    alike = first.words == second.words and first.keeps_case == second.keeps_case
    return alike and (bool(first.words) or one.strip() == other.strip())


def abstains(text: str) -> bool:
    """Tell whether `text` says that the answer is not known."""
    return not text.strip() or bool(_ABSTENTION.search(text))


def asserts(text: str, names: Iterable[str]) -> bool:
    """Tell as `holds` does, but for a name that is a part of what says that nothing is known: "no information"."""
    phrases = [phrase.span() for phrase in _ABSTENTION.finditer(text)]
    return any(
        not any(first <= start and stop <= last and stop - start < last - first for first, last in phrases)
        for start, stop in mentions(text, names)
    )


def final_answer(text: str) -> str:
    """Return what follows the last filled "Final answer:" or, without such a field, the last filled line "Answer:".

    Without either it is the last line that is not empty. Empty only where the text ends in an empty
    "Final answer:", or is empty itself. Our prompts ask for that field; models write the line "Answer:" on
    their own, and may explain it below; other free text ends in its conclusion.
    """
    start, stop = final_span(text)
    return text[start:stop]


def final_span(text: str) -> Span:
    """Return where in `text` its final answer stands."""
    fields = [field.span(1) for field in _FINAL_ANSWER.finditer(text)]
    spans = fields or [field.span(1) for field in _ANSWER_FIELD.finditer(text)]
    filled = [span for span in (_within_marks(text, span) for span in spans) if span[0] < span[1]]
    if filled:
        return filled[-1]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if fields or not lines:
        return len(text), len(text)
    start = text.rindex(lines[-1])
    return start, start + len(lines[-1])


def _within_marks(text: str, span: Span) -> Span:
    """Return a span without the marks and blanks at both of its ends."""
    found = text[slice(*span)]
    start = span[0] + len(found) - len(found.lstrip(_AROUND))
    return start, start + len(found.strip(_AROUND))


def fold(text: str) -> str:
    """Lower-case and strip accents and compatibility forms: "sao tome" for "São Tomé"."""
    return text.lower() if text.isascii() else _unaccented(text.casefold())


_folded = lru_cache(maxsize=65536)(fold)  # for words, which come again


def _unaccented(word: str) -> str:
    """Strip accents and compatibility forms, and the spaces that some of the latter decompose to."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c) and not c.isspace())


def _cased(word: str) -> str:
    word = _POSSESSIVE.sub("", word)
    if word[0].isdigit():
        return word.replace(",", "")
    return re.sub(r"['\u2019.]", "", word)


def _name_end(text: str, span: Span) -> int:
    """End a mention before a possessive, so that a substitute inherits it."""
    return span[1] - len(possessive.group()) if (possessive := _POSSESSIVE.search(text[slice(*span)])) else span[1]


def _holds(text: str, names: Iterable[str]) -> bool:
    """Tell whether a text holds one of some names."""
    lowered, letters = _lowered(text)
    absent = ""  # the probe of the name before, which many aliases share
    for name in names:
        needle = _needle(name)
        probe, keeps_case = needle.probe, needle.keeps_case
        if not probe or (probe == absent and not keeps_case):
            continue
        if probe not in (_cased_letters(text) if keeps_case else letters):  # as most texts that do not hold the name
            absent = absent if keeps_case else probe
            continue
        if needle.phrase and _stands(text if keeps_case else lowered, needle.phrase):
            return True
        if _found(text, [needle]):
            return True
    return False


def _stands(text: str, phrase: str) -> bool:
    """Tell whether a phrase of plain words stands in a text between signs that belong to no token."""
    return _standing(text, phrase, 0) >= 0


def _standing(text: str, phrase: str, start: int) -> int:
    """Return where a phrase stands in a text, as `_stands` tells, from a place on; -1 where it does not."""
    place = text.find(phrase, start)
    while place >= 0:
        end = place + len(phrase)
        if (not place or text[place - 1] in _BEFORE) and (end == len(text) or text[end] in _BEHIND):
            return place
        place = text.find(phrase, place + 1)
    return place


@lru_cache(maxsize=1024)  # a text is asked about several names in a row
def _lowered(text: str) -> tuple[str, str]:
    """Return a text in lower case, and its letters.

    That is without case, accents and whatever is dropped inside a token, so that each token is a
    substring of it: it spares the tokens of most texts that do not hold a name. ASCII keeps its spaces.
    """
    lowered = text.lower()
    if text.isascii():
        return lowered, _joined(lowered)
    return lowered, unicodedata.normalize("NFKD", _cased_letters(text).casefold()).translate(_no_letters())


@lru_cache(maxsize=1024)
def _cased_letters(text: str) -> str:
    """Return the letters of a text as `_lowered` does, with their case."""
    return _joined(text) if text.isascii() else unicodedata.normalize("NFKD", text).translate(_no_letters())


def _joined(text: str) -> str:
    """Drop from an ASCII text what is dropped inside tokens: O'Brien, U.S., 1,234."""
    return text.replace("'", "").replace(".", "").replace(",", "")


@cache
def _no_letters() -> dict[int, None]:
    """Return what `_lowered` drops beyond ASCII: accents, spaces, and what is dropped inside tokens."""
    every = map(chr, range(sys.maxunicode + 1))
    return dict.fromkeys(ord(c) for c in every if unicodedata.combining(c) or c.isspace() or c in "'\u2019.,")


def _found(text: str, needles: Sequence[_Needle]) -> list[Span]:
    """Return the spans of the mentions of needles, in order; where they overlap, of the first needle."""
    plain = _found_plainly(text, needles)
    return _found_between_spaces(text, needles) if plain is None else plain


def _found_plainly(text: str, needles: Sequence[_Needle]) -> list[Span] | None:
    """Return the spans as `_found` does, if the phrases that stand in a text are all that it can hold; else None."""
    found: list[Span] = []
    lowered, letters = _lowered(text)
    for needle in needles:
        phrase = needle.phrase
        if not phrase or len(lowered) != len(text):  # a letter of the text may become two
            return None
        told = text if needle.keeps_case else lowered
        spans: list[Span] = []
        while (place := _standing(told, phrase, spans[-1][0] + 1 if spans else 0)) >= 0:
            spans.append((place, place + len(phrase)))
        if len(spans) != (_cased_letters(text) if needle.keeps_case else letters).count(needle.probe):
            return None
        if found:
            spans = [span for span in spans if all(span[1] <= start or stop <= span[0] for start, stop in found)]
        found += spans
    return sorted(found)


def _found_between_spaces(text: str, needles: Sequence[_Needle]) -> list[Span]:
    """Return the spans as `_found` does.

    No token has a space within. So the pieces between spaces that may begin a mention, and what follows
    them, have the tokens that they have in the text, and the others need not be looked at.
    """
    found = []
    for start, stop in _pieces(text, needles):
        spans, complete = _found_in(text[start:stop], needles)
        if not complete and stop < len(text):  # a mention may go on behind the piece
            return _found_in(text, needles)[0]
        found += [(start + first, start + last) for first, last in spans]
    return found


def _pieces(text: str, needles: Sequence[_Needle]) -> list[Span]:
    """Return the parts of a text that may hold needles, in order: all of it where we cannot tell."""
    pieces: list[Span] = []
    plain, letters = _lowered(text)
    for needle in needles:
        words, probe = needle.words, needle.probe
        if needle.keeps_case or not text.isascii() or words[0] != probe or letters.count(probe) != plain.count(probe):
            return [(0, len(text))]  # accents, 1234.5, U.S.: the letters are not where they are in the text
        room = 0 if len(words) == 1 else sum(map(len, words)) + 2 * len(words)
        place = plain.find(probe)
        while place >= 0:
            end = _end(plain, place + len(probe))
            pieces.append((plain.rfind(" ", 0, place) + 1, _end(plain, end + room) if room else end))
            place = plain.find(probe, end)
    return _merged(pieces)


def _end(text: str, place: int) -> int:
    """Return where the next space is from a place on, or the text's end."""
    end = text.find(" ", place)
    return end if end >= 0 else len(text)


def _merged(spans: list[Span]) -> list[Span]:
    """Return the union of spans, in order."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _found_in(text: str, needles: Sequence[_Needle]) -> tuple[list[Span], bool]:
    """Return the spans as `_found` does, of a whole piece, and whether none may go on behind it."""
    folded, cased, spans = _parts(text)
    taken: set[int] = set()
    found = []
    complete = True
    for needle in needles:
        wanted, words = needle.words, cased if needle.keeps_case else folded
        if wanted[0] not in words:
            continue
        for i in [i for i, word in enumerate(words) if word == wanted[0]]:
            place = range(i, i + len(wanted))
            complete = complete and place.stop <= len(words)
            if tuple(words[i : i + len(wanted)]) == wanted and taken.isdisjoint(place):
                taken.update(place)
                found.append((spans[i][0], _name_end(text, spans[place[-1]])))
    return sorted(found), complete


@lru_cache(maxsize=1024)  # a text is asked about several names in a row
def _parts(text: str) -> tuple[list[str], list[str], list[Span]]:
    """Return the folded forms, the cased forms and the spans of the tokens."""
    cased, spans = [], []
    for match in _WORD.finditer(text):
        word = match.group()
        if not (word.isascii() and word.isalpha()):  # most words have nothing to strip
            word = _unaccented(_cased(word))
        if word:  # a lone accent is no token
            cased.append(word)
            spans.append(match.span())
    return list(map(_folded, cased)), cased, spans


def _plain_words(text: str) -> list[str] | None:
    """Split a text of nothing but ASCII letters and spaces; None for any other."""
    letters = text.replace(" ", "")
    return text.split() if letters.isascii() and letters.isalpha() else None


def _padded(text: str) -> str | None:
    """Return a text of ASCII letters and single spaces in lower case, a space before and behind; None for any other."""
    padded = f" {text.lower()} "
    plain = "  " not in padded and text.isascii() and text.replace(" ", "").isalpha()
    return padded if plain else None


@lru_cache(maxsize=65536)
def _needle(name: str) -> _Needle:
    """Return a name as what is looked for in a text."""
    plain = _plain_words(name)
    folded, cased = _parts(name)[:2] if plain is None else (name.lower().split(), plain)
    first = 1 if len(folded) > 1 and folded[0] in _ARTICLES else 0  # "the US" is a short name too
    words = folded[first:]
    phrase = " ".join(words)
    short = phrase if plain is not None and len(phrase) > _SHORT else " ".join(cased[first:])
    keeps_case = len(short) <= _SHORT and any(c.isupper() for c in short)
    if keeps_case:
        words, phrase = cased[first:], short
    if plain is None:
        probe = "" if not words else _cased_letters(words[0]) if keeps_case else _lowered(words[0])[1]
        phrase = "" if _plain_words(phrase) is None else phrase
    else:
        probe = words[0] if words else ""
    if phrase and min(map(len, words)) < 2:
        phrase = ""
    return _Needle(tuple(words), keeps_case, probe, phrase)
