"""Another name in a mention's place, so that the sentence reads as if it had been written with it.

What depends on the name is made to fit it: a and an, the article of "the Netherlands", a capital letter where a
sentence begins, the possessive ("Peru's", "the Philippines'"), full stops and commas of names that end in one, and the
verb of a group that opens a sentence. All by the words beside the mention: there is no parser, and who "she" is stays
as it is.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..text.matching import Span
from . import nations


class Place(NamedTuple):
    """A mention of a name in a text, and the form of another that takes its place."""

    span: Span
    form: str
    articled: bool = False  # the mention's name takes "the" in a sentence: an article before it goes with it


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


_THE = ("the ", "The ")
_APOSTROPHES = ("'", "\u2019")
_OPENING = " \"'\u201c\u2018([*_"  # what may stand before a sentence
_ENDS = ".!?\n"
_QUALIFIER = (  # what may stand between an article and the name of a country, beside capitalised words ("Nazi")
    r"(?:(?:north|south|east|west|central|north-?east|north-?west|south-?east|south-?west|mid-?west)(?:ern)?(?:most)?"
    r"|native|early|late|modern|present|rural|urban|colonial|mainland|medieval|ancient|modern-day|present-day|contiguous"
    r"|continental|post-war|pre-war|\d\d?(?:st|nd|rd|th)-century|newly|independent|upper|lower|whole|entire|former"
    r"|contemporary|peninsular|imperial|occupied|divided|reunified)"
)
_ARTICLE = re.compile(rf"\bthe ((?:{_QUALIFIER} )*)$", re.IGNORECASE)
_QUALIFIER_BEFORE = re.compile(rf"(?<![\w-])((?i:{_QUALIFIER})|[A-Z][\w-]+) $")
_DETERMINED = re.compile(  # an article would be one too many
    r"(?:\b(?:an?|his|her|its|their|our) [a-z-]+"  # "a unified "
    r"|\b(?:the|a|an|this|that|his|her|its|their|our|no|another|each|every|any|some|de|del|da|di)|['\u2019]s?) $",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(r"\b(a|an) $", re.IGNORECASE)
_APPOSED = re.compile(r"(\w[\w'\u2019.-]*), $")  # "Rotterdam, "
_PREPOSITION = re.compile(r"\b(?:of|in|from|to|for|by|with|against|through|across|into) $", re.IGNORECASE)
_FOLLOWS = re.compile(r"[ \u00a0]([A-Za-z][\w'\u2019-]*)")
_CLAUSE = re.compile(r" (?:is|was|are|were|has|had|became|and|or|in|on|at|to|from|for|with|by)\b")
_VERB = re.compile(r" (is|are|was|were|has|have)\b")
_SINGULAR = {"are": "is", "were": "was", "have": "has"}
_PLURAL = {"is": "are", "was": "were", "has": "have"}

# What follows a name that is no attribute of a noun.
_FOLLOWERS = """
a about above across after against along also although among an and are around as at be became because become
becomes been before began behind being below beside between beyond both but by came can comes comprises consists
contains could covers despite did does down due during ever except fell for from gained gave grew had has have he
held her his if in including includes into is it its joins left lies like lost made maintains may might must near
nor not now of off on once only onto operates or out over per produces ranks remains rose said saw says shall
shares she should since so soon sought still such than that the their then there these they this those though
through throughout till to today together too took toward towards twice under unlike until up upon uses via was
went were what when where whereas whether which while who whom whose will with within without won would yet
borders alone again already always well itself entered
"""
_STANDS_ALONE = frozenset(_FOLLOWERS.split())
_LETTERS_WITH_VOWEL = "AEFHILMNORSX"  # letters whose own names begin with a vowel: an FBI agent
_VOWEL_FIRST = re.compile(
    r"(?:8|1[18](?!\d)|1[18](?:\d\d(?!\d)|,)"  # eight, eleven, eighteen; 1855 as a year, 11,000
    r"|h(?:ou?r|onest|onou?r|eir)"
    r"|(?!eu|ew|uni(?![mn])|one\b|once\b|us[aeu]|ub[aeiou]|u[gkr][aeou]|ukr|ut[aoi]|uv|oui)[aeiou\u00e0-\u00e6\u00e8-\u00ef\u00f2-\u00f6\u00f9-\u00fc]"
    r"|y[b-df-hj-np-tv-z])",
    re.IGNORECASE,
)


def put(text: str, places: Sequence[Place], title: bool = False) -> str:
    """Return a text with a form in each place, fitted to the words around it; `title` says that it is no sentence."""
    parts: list[str] = []
    end = 0
    for place in sorted(places):
        edit = _fitted(text, place, end, title)
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*parts, text[end:]])


def is_attribute(text: str, span: Span) -> bool:
    """Tell whether a name or an adjective stands before the noun that it belongs to: "U.S. cities", "Italian-born".

    A name without an article, as "Finland", is one before a capital letter ("Finland Station") or behind an article
    ("the Finland squad"), and else the name: "helped Finland develop".
    """
    start, end = span
    if re.match(r"-[A-Za-z]", text[end:]):
        return True
    follower = _FOLLOWS.match(text, end)
    if not follower or follower[1].lower() in _STANDS_ALONE:
        return False
    word, name = follower[1], text[start:end]
    if word.islower() and word.endswith(("ed", "ly")):
        return False
    if nations.role_of(name) != nations.NAME or nations.takes_article(name):
        return True
    before = text[:start]
    return bool(_DETERMINED.search(before)) or (word[0].isupper() and not _PREPOSITION.search(before))


def begins_sentence(text: str, start: int) -> bool:
    """Tell whether a sentence, or the text, begins there."""
    before = text[:start].rstrip(_OPENING)
    return not before or before[-1] in _ENDS


def an(word: str) -> bool:
    """Tell whether the indefinite article before a word is "an"."""
    first = re.split(r"[ -]", word, maxsplit=1)[0]
    letters = first.replace(".", "")
    spelled = letters.isalpha() and letters.isupper() and (len(letters) < 4 or not set(letters) & set("AEIOU"))
    return letters[0] in _LETTERS_WITH_VOWEL if spelled else bool(_VOWEL_FIRST.match(word))


def _fitted(text: str, place: Place, floor: int, title: bool) -> _Edit:
    """Return what to write from where to where; nothing before `floor` may change."""
    start, form = place.span[0], place.form
    form, end = _ending(text, place.span, form)
    if _is_shouted(text, place):
        form = form.upper()
    end, form = _agreeing(text, place, end, form)
    start, lead, form = _article(text, place, form, floor, title)
    if not lead and form[:1].islower() and text[start].isupper() and _asks_for_capital(text, place.span):
        form = form[0].upper() + form[1:]
    return _Edit(start, end, lead + form)


def _asks_for_capital(text: str, span: Span) -> bool:
    """Tell whether a mention has its capital from where it stands: a sentence's beginning, a name ("Tennis Club")."""
    follower = _FOLLOWS.match(text, span[1])
    return begins_sentence(text, span[0]) or bool(follower and follower[1][0].isupper())


def _article(text: str, place: Place, form: str, floor: int, title: bool) -> tuple[int, str, str]:
    """Return where the mention with its article begins, what stands before the form there, and the form."""
    start = place.span[0]
    before = text[floor:start]
    if indefinite := _INDEFINITE.search(before):
        form = form.removeprefix("the ")
        said = "an" if an(form) else "a"
        return start - len(indefinite[0]), f"{_cased(said, indefinite[1])} ", form
    takes = form.startswith(_THE) or nations.takes_article(place.form)
    form = form[4:] if form.startswith("the ") else form
    if form.startswith("The ") and before.endswith(_THE):
        form = form[4:]
    if is_attribute(text, place.span):
        return start, "", form
    if article := _ARTICLE.search(before):
        if not place.articled or takes:
            return start, "", form
        first = start - len(article[0])
        rest = article[1]
        if text[first].isupper() and not title:  # "The United States is" becomes "Peru is"
            rest, form = _capitalised(rest, form)
        return first, rest, form
    if not takes or form.startswith("The ") or _is_label(text, place, title):
        return start, "", form
    first = _qualified(text, start, floor)
    if _DETERMINED.search(text[floor:first]) or (title and first == 0):
        return start, "", form
    rest = text[first:start]
    if begins_sentence(text, first):
        return first, f"The {rest[:1].lower()}{rest[1:]}", form
    return first, f"the {rest}", form


def _qualified(text: str, start: int, floor: int) -> int:
    """Return where a name begins with the words that qualify it: "Nazi Germany", "his native South West England"."""
    first = start
    while found := _QUALIFIER_BEFORE.search(text[floor:first]):
        word = found[1].lower()
        if word in _STANDS_ALONE or word.endswith("ly"):
            break
        first = floor + found.start()
    return first


def _is_label(text: str, place: Place, title: bool) -> bool:
    """Tell whether the mention is the country behind a place, or one in brackets: "Rotterdam, Netherlands"."""
    start, end = place.span
    before = text[:start]
    if before.endswith("("):
        return True
    apposed = _APPOSED.search(before)
    if not apposed or nations.role_of(apposed[1]) == nations.NAME:
        return False
    return not re.match(r",? and [A-Z]", text[end:]) and apposed[1][0].isupper()


def _ending(text: str, span: Span, form: str) -> tuple[str, int]:
    """Return the form with what its ending asks for, and where what it replaces ends."""
    end = span[1]
    mention, after = text[slice(*span)], text[end:]
    if after[:1] in _APOSTROPHES:
        if after[1:2] == "s" and not after[2:3].isalpha():
            return (form + after[0], end + 2) if nations.is_plural(form) else (form, end)
        opened = span[0] > 0 and text[span[0] - 1] in "'\u2018"
        if mention.endswith("s") and not opened and re.match(r" \w", after[1:]) and not form.endswith("s"):
            return f"{form}{after[0]}s", end + 1
    if form.endswith(".") and after.startswith("."):
        return form[:-1], end
    if mention.endswith(".") and not form.endswith("."):
        closes = not after.strip("\"'\u201d\u2019) ") or re.match(
            r"[\"'\u201d\u2019)]* +[\"'\u201c\u2018(]*[A-Z0-9]", after
        )
        form = f"{form}." if closes else form
    if "," in mention and "," not in form and after.startswith(",") and _CLAUSE.match(after[1:]):
        end += 1  # the comma behind "Washington, D.C.," is a part of the name
    elif "," in form and "," not in mention and re.match(r" [a-z]", after):
        form = f"{form},"
    return form, end


def _is_shouted(text: str, place: Place) -> bool:
    """Tell whether the mention is in capitals because the words around it are."""
    start, end = place.span
    mention = text[start:end]
    if not (mention.isupper() and len(mention) > 3):
        return False
    beside = re.findall(r"[^\W\d_]{2,}", f"{text[max(0, start - 40) : start]} {text[end : end + 40]}")
    return bool(beside) and all(word.isupper() for word in beside)


def _agreeing(text: str, place: Place, end: int, form: str) -> tuple[int, str]:
    """Return where the mention with its verb ends, and the form with the verb that it asks for.

    A verb is known to be that of the name where the name opens the sentence. "The Beatles were" is a group.
    """
    start = place.span[0]
    first = start - 4 if text[:start].endswith("The ") else start
    verb = _VERB.match(text, end)
    if not verb or not begins_sentence(text, first):
        return end, form
    mention = text[start : place.span[1]]
    group = form.startswith(_THE) and form.endswith("s")
    if verb[1] in _SINGULAR and not group and place.articled and mention.endswith("s"):
        return verb.end(), f"{form} {_SINGULAR[verb[1]]}"
    if verb[1] in _PLURAL and group and not nations.role_of(form):
        return verb.end(), f"{form} {_PLURAL[verb[1]]}"
    return end, form


def _capitalised(rest: str, form: str) -> tuple[str, str]:
    """Return what opens a sentence with a capital letter: the words before a form, or the form itself."""
    return (rest[0].upper() + rest[1:], form) if rest else ("", form[0].upper() + form[1:])


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[0].isupper() else word
