"""The words of a text, as names are compared by them.

A word is a run of letters and digits with the marks that belong to them, but for a possessive. These are words too:
initialisms ("U.S.", "J. R. R."), numbers ("1,234.5", "-5"), names that end in a sign ("C++", "C#", "A+") and ".NET",
"&", which is "and", and the signs of percent and of currencies beside a number. Numbers, dates and amounts have one
form however they are written (amounts.py), and so have letters (folding.py).

Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without blanks. There, each letter with its marks is a word,
so that a name is found wherever its letters stand, also within a longer word (京都 in 東京都). Katakana is divided at
other scripts, Korean at blanks, so that there a particle is a part of the word before it. No segmenter is used: each
depends on a dictionary, names are what dictionaries lack, and versions differ in what they find.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from . import amounts
from .amounts import Token
from .folding import IGNORED, fold, plain

Span = tuple[int, int]

_KEPT = 32_768  # texts whose words are kept, all of a batch of questions: each is asked about several names, by stages

_APOSTROPHES = "'\u2019\u2018\u02bb\u02bc`\u00b4"  # all but the first two: ways to write the okina
# Combining marks, but for those of historic scripts beyond the basic plane: they make the search four times slower.
_MARKS = IGNORED + "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")
_UNSPACED = (  # Han, Hiragana, Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_CAPITAL = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f"
_LETTER = f"(?:[^\\W_{_UNSPACED}]|[{_MARKS}])"  # with the marks of decomposed text; "_Paris_" is Markdown for Paris
_WORD = re.compile(
    # plain words: most there are, and found faster than as the last but one kind
    rf"[A-Za-z]{{2,}}+(?![\w+{_APOSTROPHES}{_MARKS}])"
    rf"|(?=[\w.\u2212&%{amounts.CURRENCIES}{_MARKS}-])(?:"  # few characters begin one of the others
    rf"(?:[^\W\d_]\.)+[^\W\d_](?!{_LETTER})\.?"  # initialisms: U.S., U.S
    rf"|[{_CAPITAL}]\.(?:[ {amounts.THIN}][{_CAPITAL}]\.)+"  # J. R. R.
    rf"|{amounts.NUMBER}(?:(?={amounts.UNIT})|{_LETTER}*(?:['\u2019][sS](?!{_LETTER}))?)"  # 20th, but the 5 of 5km
    rf"|(?=[^\W\d_])[{_UNSPACED}][{_MARKS}]*"
    r"|(?<![\w.])\.NET(?!\w)"
    rf"|{_LETTER}+(?:[{_APOSTROPHES}]{_LETTER}+)*"  # O'Brien, France's
    r"(?:\+\+(?![^\W\d_])|\+(?!\w)|(?<!\w\w)[#\u266f](?!\w))?"  # C++, A+, C#
    rf"|{amounts.SIGN}|&)"
)
_POSSESSIVE = re.compile("['\u2019\u02bc`\u00b4][sS]$")
_WORDS_OF_SIGNS = {"&": "and", "%": "percent"}


class Words(NamedTuple):
    """The words of a text: normalized, and normalized but for their case."""

    folded: tuple[str, ...]
    cased: tuple[str, ...]


@lru_cache(_KEPT)
def words(text: str) -> Words:
    """Split a text into its words."""
    cased = tuple(filter(None, map(_cased, _WORD.findall(text))))  # a lone accent is no word
    folded = tuple(map(_folded, cased))
    if not amounts.may_join(text, folded):
        return Words(folded, cased)
    joined = _tokens(text)
    return Words(tuple([token.folded for token in joined]), tuple([token.cased for token in joined]))


@lru_cache(1024)
def spans(text: str) -> list[Span]:
    """Return where the words of a text stand (characters), in the words' order: in "July 4", the day comes first."""
    return [(token.start, token.end) for token in _tokens(text)]


def without_possessive(text: str, word: Span) -> int:
    """Return where a word ends, but for its possessive: a substitute inherits it."""
    possessive = _POSSESSIVE.search(text[slice(*word)])
    return word[1] - len(possessive.group()) if possessive else word[1]


def _tokens(text: str) -> list[Token]:
    found = ((_cased(match.group()), match.span()) for match in _WORD.finditer(text))
    return amounts.joined(text, [Token(_folded(cased), cased, *span) for cased, span in found if cased])


@lru_cache(65536)
def _folded(cased: str) -> str:
    return amounts.ONE_FORM.get(folded := fold(cased), folded)


@lru_cache(65536)
def _cased(word: str) -> str:
    if (word.isascii() and word.isalpha()) or word == ".NET":
        return word
    word = _POSSESSIVE.sub("", word)
    if number := amounts.number(word):
        return number
    word = _WORDS_OF_SIGNS.get(word, word).replace("\u266f", "#")
    return plain(re.sub(rf"[{_APOSTROPHES}. {amounts.THIN}]", "", word))
