"""Letters as they are compared: without case, accents and compatibility forms.

Unicode decomposes most accented letters, not those that are letters of their own (ł, ø, ð): a table has these. The
marks that fold are the accents of Latin, Greek and Cyrillic and the optional vowel signs of Arabic and Hebrew. Those of
other scripts are letters to their readers (the vowels of Devanagari or Thai, the voicing of Kana) and stay.
"""

import re
import unicodedata
from functools import lru_cache

# accents, points of Hebrew and Arabic (with its stretching sign), selectors of variants, invisible joiners and hyphens
IGNORED = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u2060\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)
_IGNORED = re.compile(f"[{IGNORED}]+")
_LETTERS = str.maketrans(
    {
        **{"Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Æ": "AE", "æ": "ae"},
        **{"Œ": "OE", "œ": "oe", "Þ": "Th", "þ": "th", "ẞ": "SS", "ß": "ss", "Ħ": "H", "ħ": "h", "Ŧ": "T", "ŧ": "t"},
        "ı": "i",  # noqa: RUF001
    }
)


@lru_cache(65536)
def fold(text: str) -> str:
    """Lower-case and strip accents and compatibility forms: "sao tome" for "São Tomé"; blanks stay."""
    if text.isascii():
        return text.lower()
    return plain(plain(text).casefold())  # letters that only compatibility forms or a lower case show


def plain(text: str) -> str:
    """Strip accents and compatibility forms, and the spaces that some of the latter decompose to; case stays."""
    if text.isascii():
        return text
    return "".join(part if part.isspace() else "".join(_plain(part).split()) for part in re.split(r"(\s+)", text))


def _plain(text: str) -> str:
    letters = _IGNORED.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    return unicodedata.normalize("NFC", letters)
