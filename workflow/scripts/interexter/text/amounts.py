"""Numbers, dates and amounts of money among the words of a text, in one form each.

| written | words |
|---|---|
| 1,234; 1 234 (with a thin or no-break blank); 3.50; 3,5; .5 | 1234; 1234; 3.5; 3.5; 0.5 |
| six; twenty-one; 2.5 million; two hundred; minus five | 6; 21; 2500000; 200; -5 |
| 5km; 5 kilometers; 20 %; 20 per cent | 5 kilometre; 5 kilometre; 20 percent; 20 percent |
| $20; 20 US dollars; 20 euros | 20 dollar; 20 dollar; 20 euro |
| July 4, 1776; the 4th of July 1776; 4 Jul 1776; 1776-07-04 | 4 july 1776 |

A comma before one or two digits is a decimal comma, unless it stands in a list ("1,2,3"); a dot is no separator of
thousands. "One" is a pronoun too, so it is 1 only within a number ("twenty-one", "one million"). Sums ("two hundred and
fifty") are not reckoned. Dates are English. One in figures with slashes is read where only one reading is a date
(25/12/1990): 07/04/1776 is July to some and April to others, and stays what it is, with its year.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from .folding import plain


class Token(NamedTuple):
    """A word of a text: normalized, normalized but for its case, and where it stands (characters)."""

    folded: str
    cased: str
    start: int
    end: int


_FROM_TWO = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS = {
    **{word: str(i) for i, word in enumerate(_FROM_TWO, 2)},
    **{word: str(10 * i) for i, word in enumerate(_TENS, 2)},
}
_ZEROS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "bn": 9, "tn": 12}
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee"}
_SHORT_UNITS = {  # as words of their own behind a number
    **{
        "km": "kilometre",
        "m": "metre",
        "cm": "centimetre",
        "mm": "millimetre",
        "ft": "foot",
        "mi": "mile",
        "yd": "yard",
    },
    **{"kg": "kilogram", "g": "gram", "mg": "milligram", "lb": "pound", "lbs": "pound", "oz": "ounce"},
    **{"ml": "millilitre", "ha": "hectare", "hr": "hour", "hrs": "hour"},
}
_UNIT_WORDS = dict.fromkeys([*_SHORT_UNITS.values(), "litre", "tonne", "minute", "second"])
ONE_FORM = {
    **NUMBERS,
    **{f"{word}s": word for word in (*_UNIT_WORDS, "dollar", "euro", "rupee", "franc", "peso")},
    **{f"{word[:-2]}er{end}": word for word in _UNIT_WORDS if word.endswith("tre") for end in ("", "s")},
    **{"feet": "foot", "usd": "dollar", "eur": "euro", "gbp": "pound"},
}
_UNITS = "am pm km m cm mm mi ft yd kg mg lb lbs oz l ml cl ha h hr hrs min ms kW MW GW kWh kHz MHz GHz Hz MB GB TB mph"
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_SHORT_MONTHS = {**{month[:3]: month for month in MONTHS}, "sept": "september"}
_VERBS = ("may", "march")  # months only where they have a capital letter

THIN = "\u00a0\u2009\u202f"  # blanks within numbers: no-break and thin
CURRENCIES = "".join(_CURRENCIES)
SIGN = rf"[{CURRENCIES}](?=\s?\d)|(?:(?<=\d)|(?<=\d[ {THIN}]))[%{CURRENCIES}]"  # beside a number alone
NUMBER = (
    r"(?:(?<![\w.,)\]}%/])[-\u2212](?=\.?\d))?"  # a minus, not the middle of "1914-18"
    rf"(?:[1-9]\d{{0,2}}(?:(?:,\d{{3}})+|(?:[{THIN}]\d{{3}})+)(?!\d)(?:\.\d+)?"
    r"|(?<!\d,)(?:0,\d+|\d+,\d{1,2})(?![,.]?\d)"
    r"|\d+(?:\.\d+)*|(?<![\w.])\.\d+)"
)
UNIT = rf"(?:{'|'.join([*_UNITS.split(), *('mn', 'bn', 'tn')])})(?!\w)"  # what is a word of its own close to a number

_NUMBER = re.compile(NUMBER)
_NONE = Token("", "", 0, 0)
_ONES = tuple("123456789")
_ORDINALS = ("st", "nd", "rd", "th")
_AFTER_DAY = ("", ".", "-")  # between a day and its month
_CLOSING = {
    *_ZEROS,
    *_CURRENCIES,
    *_SHORT_UNITS,
    "dollar",
    *MONTHS,
    *_SHORT_MONTHS,
    "cent",
    "one",
}  # beside numbers, the last of what is joined
_JOINING = frozenset((*(_CLOSING - {"one"}), *map(NUMBERS.__getitem__, _TENS), "minus"))
_FIGURES = re.compile(r"[0-9][/-][0-9]{1,2}[/-][0-9]")
_VALUE = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")  # what is reckoned with
_DAY = re.compile(rf"0?([1-9]|[12][0-9]|3[01])(?:{'|'.join(_ORDINALS)})?")
_YEAR = re.compile(r"[0-9]{3,4}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLASHES = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")


def number(word: str) -> str:
    """Return the one form of a number, with the letters close to it ("1234.5" for "1,234.50"), "" for others."""
    match = _NUMBER.match(word)
    if not match:
        return ""
    written = match.group()
    figures = "".join(str(int(c)) if c.isdecimal() else c for c in written.replace("\u2212", "-"))
    if re.fullmatch(r"-?(?:0,\d+|\d+,\d{1,2})", figures):
        figures = figures.replace(",", ".")
    figures = re.sub(rf"[,{THIN}]", "", figures)
    if figures.count(".") == 1:
        figures = re.sub(r"^(-?)\.", r"\g<1>0.", figures).rstrip("0").rstrip(".")
    letters = plain(word[len(written) :])
    return f"{figures}^{letters}" if letters[:1].isdigit() else figures + letters  # 10² is not 102


def may_join(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text with these words, folded, may have some that `joined` would join."""
    return not _JOINING.isdisjoint(words) or bool(_FIGURES.search(text))


def joined(text: str, tokens: list[Token]) -> list[Token]:
    """Return the words of a text with those of each number, date or amount in their one form."""
    for rule in (_reckoned, _amount, _date):
        found: list[Token] = []
        for token in tokens:
            may_close = token.folded in _CLOSING or token.folded[0].isdigit()
            found += (rule(text, found, token) if may_close else []) or [token]
        tokens = found
    return tokens


# Each rule takes the words so far and the next one. Where they belong together, it takes the former off and returns
# what stands for them all; otherwise it returns nothing.


def _reckoned(text: str, found: list[Token], token: Token) -> list[Token]:
    """Join a number with how many hundreds or thousands it counts, tens with ones, and a number with its minus."""
    last = _before(found)
    if _gap(text, last, token) not in ("", "-"):
        return []
    counted = "1" if last.folded == "one" else last.folded
    if token.folded in _ZEROS and _VALUE.fullmatch(counted):
        return [_one(f"{Decimal(counted).scaleb(_ZEROS[token.folded]).normalize():f}", found.pop(), token)]
    ones = "1" if token.folded == "one" else token.folded
    if last.cased.lower() in _TENS and token.cased.isalpha() and ones in _ONES:
        return [_one(last.folded[0] + ones, found.pop(), token)]
    if last.folded == "minus" and _VALUE.fullmatch(token.folded) and not _VALUE.fullmatch(_before(found, 2).folded):
        return [_one("-" + token.folded, found.pop(), token)]
    return []


def _amount(text: str, found: list[Token], token: Token) -> list[Token]:
    """Say the sign of a currency as a word behind its number, a unit in full, and "per cent" or "US dollars" as one."""
    last = _before(found)
    if last.cased in _CURRENCIES and _VALUE.fullmatch(token.folded):
        sign = found.pop()
        return [token, _one(_CURRENCIES[sign.cased], sign, sign)]
    if token.cased in _CURRENCIES and _VALUE.fullmatch(last.folded) and not text[token.end : token.end + 1].isdecimal():
        return [_one(_CURRENCIES[token.cased], token, token)]
    if token.cased in _SHORT_UNITS and _VALUE.fullmatch(last.folded):
        return [_one(_SHORT_UNITS[token.cased], token, token)]
    if token.folded == "dollar" and last.folded == "us" and _VALUE.fullmatch(_before(found, 2).folded):
        return [_one("dollar", found.pop(), token)]
    if token.folded == "cent" and last.folded == "per" and _VALUE.fullmatch(_before(found, 2).folded):
        return [_one("percent", found.pop(), token)]
    return []


def _date(text: str, found: list[Token], token: Token) -> list[Token]:
    """Put the day of a date before its month, the month in full."""
    last, first = _before(found), _before(found, 2)
    if month := _month(token):
        if (day := _day(last)) and _gap(text, last, token) in _AFTER_DAY:
            return [_one(day, found.pop(), last), _one(month, token, token)]
        if last.folded == "of" and first.folded.endswith(_ORDINALS) and (day := _day(first)):
            del found[-2:]
            return [_one(day, first, first), _one(month, token, token)]
    if month := _month(last):
        if (day := _day(token)) and _gap(text, last, token) in ("", "."):
            dated = _day(first) and _gap(text, first, last) in _AFTER_DAY
            return [] if dated else [_one(day, token, token), _one(month, found.pop(), last)]
        if _YEAR.fullmatch(token.folded) and _gap(text, last, token) in ("", ".", ",", "-"):
            return [_one(month, found.pop(), last), token]
    if last.folded == "of" and _YEAR.fullmatch(token.folded) and (month := _month(first)):
        del found[-2:]
        return [_one(month, first, first), token]
    return _figures(text, found, token)


def _figures(text: str, found: list[Token], token: Token) -> list[Token]:
    """Read a date in figures: 1776-07-04, or 25/12/1990, of which only one reading is a date."""
    one, two, three = _before(found, 2), _before(found), token
    written = text[one.start : three.end]
    if _ISO.fullmatch(written):
        readings, year = [(three, two)], one
    elif _SLASHES.fullmatch(written):
        readings, year = [(one, two), (two, one)], three
    else:
        return []
    dates = {(int(day.folded), int(month.folded)): (day, month) for day, month in readings if _is_date(day, month)}
    if len(dates) != 1:
        return []
    del found[-2:]
    [((number, of), (day, month))] = dates.items()
    return [_one(str(number), day, day), _one(MONTHS[of - 1].title(), month, month), year]


def _is_date(day: Token, month: Token) -> bool:
    return 1 <= int(day.folded) <= 31 and 1 <= int(month.folded) <= len(MONTHS)


def _before(found: list[Token], back: int = 1) -> Token:
    """Return the last word so far, or one further back: an empty one where there is none."""
    return found[-back] if len(found) >= back else _NONE


def _one(word: str, first: Token, last: Token) -> Token:
    """Return a word that stands for those from `first` to `last`."""
    return Token(word.lower(), word, first.start, last.end)


def _gap(text: str, first: Token, second: Token) -> str:
    """Return what stands between two words, but for blanks; a line's end stays."""
    return text[first.end : second.start].strip(f" {THIN}")


def _day(token: Token) -> str:
    """Return the day of a month that a word says, "" for none: "4" for "04" or "4th"."""
    day = _DAY.fullmatch(token.folded)
    return day[1] if day else ""


def _month(token: Token) -> str:
    """Return the month that a word says, "" for none: "July" for "Jul"; only with a capital where it may be a verb."""
    capital = token.cased[:1].isupper()
    name = _SHORT_MONTHS.get(token.folded, token.folded) if capital else token.folded
    return name.title() if name in MONTHS and (capital or name not in _VERBS) else ""
