"""Works: who made them, and in which year."""

import re
from collections.abc import Iterator

from ..articles import Article
from ..relations import Fact
from ..world import World

_TOPICS = {"Arts", "History", "Philosophy and religion", "Society and social sciences", "Uncategorized"}
_KINDS = {  # kind: relation, what the question calls it, what was done in its year
    "film": ("director", "film", "released"),
    "novel": ("author", "novel", "published"),
    "novella": ("author", "novella", "published"),
    "book": ("author", "book", "published"),
    "play": ("author", "play", ""),
    "tragedy": ("author", "tragedy", ""),
    "comedy": ("author", "comedy", ""),
    "poem": ("author", "poem", ""),
    "short story": ("author", "short story", ""),
    "essay": ("author", "essay", "published"),
    "treatise": ("author", "treatise", ""),
    "painting": ("painter", "painting", ""),
    "fresco": ("painter", "fresco", ""),
    "mural": ("painter", "mural", ""),
    "opera": ("composer", "opera", ""),
    "symphony": ("composer", "symphony", ""),
    "ballet": ("composer", "ballet", ""),
    "oratorio": ("composer", "oratorio", ""),
    "concerto": ("composer", "concerto", ""),
    "album": ("performer", "album", "released"),
    "song": ("performer", "song", "released"),
    "single": ("performer", "song", "released"),
}
_KIND = re.compile(rf"\b({'|'.join(sorted(_KINDS, key=len, reverse=True))})s?\b", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4}) ")
_A_YEAR = r"(?:1\d|20)\d\d"
_SHOWN = re.compile(rf"(?:published|released|premiered)[^.]{{0,30}}? ({_A_YEAR})\b")
_MADE = re.compile(r"\b(?:by|directed by|written by|composed by|attributed to) ((?:the )?)(?:[a-z]+ )*([A-Z][^,;()]*)$")


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about a work of art."""
    if article.topic not in _TOPICS:
        return
    described = re.sub(r" (?:describing|compiled|about|based) .*", "", article.description)
    kind, made = _KIND.search(described), _MADE.search(described)
    if not kind:
        return
    relation, noun, shown = _KINDS[kind[1].lower()]
    year = _YEAR.match(described)
    by = made[2].strip() if made else ""
    words = {"kind": noun, "year": year[1] if year else ""}
    if made:
        called = article.called if relation == "painter" else article.name
        fault = _fault(article, relation, described, by)
        yield Fact(relation, article.title, called, world.person_forms(by), words, fault)
    if year and shown:
        told = {*re.findall(rf"\b{_A_YEAR}\b", article.sentences[0]), *_SHOWN.findall(article.text)}
        fault = "the-lead-gives-another-year" if told - {year[1]} else ""
        words |= {"by": f" by {made[1]}{by}" if made and relation != "director" else "", "shown": shown}
        yield Fact("work_year", article.title, article.name, (year[1],), words, fault)


def _fault(article: Article, relation: str, described: str, by: str) -> str:
    """Return why the maker of a work is not asked for, or ""."""
    if re.search(r" and |&", by):
        return "several-makers"
    if relation == "director" and not _YEAR.match(described):
        return "film-without-a-year"
    if re.search(r"\b(?:series|cycle|collection|trilogy|comic|novels)\b", described, re.IGNORECASE):
        return "several-works"
    if {word for word in by.split() if word[0].isupper()} & set(re.findall(r"\w+", article.name)):
        return "the-question-gives-its-answer"  # "Quotations from Chairman Mao"
    if re.search(r"\bNo\. \d", article.name):
        return "several-works-of-this-name"
    if re.search(r"attributed|disputed", f"{described} {article.sentences[0]}"):
        return "attributed"
    recorded = rf"\b(?:song|album|single)\b[^.]* by [^.]*{re.escape(by)}"
    if relation == "performer" and not re.search(recorded, article.text):
        return "not-said-to-be-recorded-by"
    return ""
