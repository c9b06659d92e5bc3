"""Nature and science: elements, stars, living beings, and what is named after whom."""

import re
from collections.abc import Iterator

from ..articles import Article
from ..relations import Fact
from ..world import World, is_person
from .patterns import one_of

_ELEMENT = re.compile(r"^Chemical element with atomic number (\d+) \((\w+)\)")
_CONSTELLATION = re.compile(
    r"\bconstellations? (?:of )?(?:the )?([A-Z][a-z]+(?: (?:Major|Minor|Australis|Borealis|Berenices|Venatici))?)\b"
)
_TAXON = {
    "family": re.compile(r"\bfamily,? ([A-Z][a-z]+(?:idae|aceae))\b|\b([A-Z][a-z]+(?:idae|aceae)) family\b"),
    "order": re.compile(r"\border,? ([A-Z][a-z]+)\b"),
}
_OTHER_BEINGS = re.compile(
    one_of(
        """
        also applied, also refers, also used, called, closely, especially, feed, formerly, host, infect, other, parasit,
        prey, previously, related, relative, resembl, similar, sometimes, such as, unlike
        """
    )
)
_EPONYM = re.compile(
    r"\b(?:[Nn]amed|[Ee]ponym\w*) (?:after|for|in honou?r of) (?:the )?(?:(?!river|god|city|town|planet|ship)[\w-]+ )*?"
    r"([A-Z][\w.'\u2019-]+(?: (?:de|von|van|der|da|la|[A-Z][\w.'\u2019-]*))+)"
)
_DISCOVERED = re.compile(r"\bdiscovered (?:and named )?(?:by [^.;]{3,60} )?(?:on [^.;]{3,15} )?in (\d{4})\b")


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about an element, a star, a living being, or what has a person's name."""
    if is_person(article):
        return
    if found := _ELEMENT.match(article.description):
        name = article.name.lower()
        yield Fact("symbol", article.title, name, (found[2],), {})
        yield Fact("atomic_number", article.title, name, (found[1],), {})
    if article.topic == "Physical sciences" and re.search(
        r"\bstar|galaxy|nebula|cluster|binary|\bX-ray", article.description, re.I
    ):
        told = set(_CONSTELLATION.findall(article.text))
        if told:
            fault = "several-constellations" if len(told) > 1 else ""
            yield Fact("constellation", article.title, article.called, tuple(sorted(told))[:1], {}, fault)
    if article.topic == "Biology and health sciences":
        yield from _taxa(article)
    if found := _EPONYM.search(article.text):
        name = found[1].removesuffix("'s")
        fault = "" if name in world.people else "not-known-as-a-person"
        before = article.text[: found.start()].rpartition(". ")[2]
        if re.search(r"\b(which|whose|who|that|unit)\b", before) or len(_EPONYM.findall(article.text)) > 1:
            fault = fault or "of-something-else"
        yield Fact("eponym", article.title, article.called, world.person_forms(name), {}, fault)
    if article.topic in ("Physical sciences", "Biology and health sciences") and (
        found := _DISCOVERED.search(article.text)
    ):
        several = len(set(re.findall(r"discovered[^.]{0,80}?\b(\d{4})\b", article.text))) > 1
        yield Fact("discovery_year", article.title, article.called, (found[1],), {}, "several-years" if several else "")


def _taxa(article: Article) -> Iterator[Fact]:
    """The family and the order of a living being, from a sentence that speaks of no other."""
    for rank, form in _TAXON.items():
        if re.match(rf"(?:Extinct )?{rank}\b|Class|Phylum|Superorder|Suborder", article.description, re.IGNORECASE):
            continue
        told = [(sentence[: found.start()], next(filter(None, found.groups()))) for sentence in article.sentences
                for found in form.finditer(sentence)]  # fmt: skip
        if told:
            living = article.called if article.called[0].isupper() else f"the {article.called.removeprefix('the ')}"
            fault = "several-taxa" if len({taxon for _, taxon in told}) > 1 else ""
            fault = "of-something-else" if _OTHER_BEINGS.search(told[0][0]) else fault
            yield Fact(rank, article.title, living, (told[0][1],), {}, fault)
