"""Nature and science: elements, stars, living beings."""

import re
from collections.abc import Iterator

from ..articles import Article
from ..relations import Fact
from ..world import World, is_person
from .patterns import one_of

_ELEMENT = re.compile(r"^Chemical element with atomic number (\d+) \((\w+)\)")
_WORDS = {"Am", "As", "At", "Be", "He", "I", "In", "La", "No"}  # symbols that any text may hold by chance
_FIRST = 11  # smaller atomic numbers are in the numbering of documents
_CONSTELLATION = re.compile(
    r"\bconstellations? (?:of )?(?:the )?([A-Z][a-z]+(?: (?:Major|Minor|Australis|Borealis|Berenices|Venatici))?)\b"
)
_IN_THE_SKY = re.compile(r"\bstar|galaxy|nebula|cluster|binary|\bX-ray", re.IGNORECASE)
_TAXON = {
    "family": re.compile(r"\bfamily,? ([A-Z][a-z]+(?:idae|aceae))\b|\b([A-Z][a-z]+(?:idae|aceae)) family\b"),
    "order": re.compile(r"\border,? ([A-Z][a-z]+)\b"),
}
_OTHER_BEINGS = re.compile(
    one_of(
        """
        also applied, also refers, also used, called, closely, especially, exception, families, feed, formerly, host,
        infect, other, parasit, prey, previously, related, relative, resembl, similar, sometimes, suborder, such as,
        superfamily, unlike
        """
    )
)
_OTHER_NAME = {  # of plant families, allowed by the International Code of Nomenclature, article 18.5
    "Apiaceae": ("Umbelliferae",),
    "Arecaceae": ("Palmae",),
    "Asteraceae": ("Compositae",),
    "Brassicaceae": ("Cruciferae",),
    "Clusiaceae": ("Guttiferae",),
    "Fabaceae": ("Leguminosae",),
    "Lamiaceae": ("Labiatae",),
    "Poaceae": ("Gramineae",),
}
_HIGHER = re.compile(r"(?:Extinct )?(?:Class|Phylum|Order|(?:Super|Sub|Infra)(?:order|family))\b")
_LATIN = re.compile(r"(?:aceae|idae|formes|ales|optera)$")
_BINOMIAL = re.compile(r"[A-Z][a-z]+ [a-z]+(?:a|ans|ens|i|is|ster|um|us)")
_PROPER = ("American", "Brazil", "European", "Old World")
_DISCOVERED = re.compile(r"(?<!-)\bdiscovered (?:and named )?(?:by [^.;]{3,60} )?(?:on [^.;]{3,15} )?in (\d{4})\b(?!–)")


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about an element, a star or a living being."""
    if is_person(article):
        return
    if found := _ELEMENT.match(article.description):
        name = article.name.lower()
        yield Fact("symbol", article.title, name, (found[2],), {}, "a-word-of-English" if found[2] in _WORDS else "")
        low = int(found[1]) < _FIRST
        yield Fact("atomic_number", article.title, name, (found[1],), {}, "a-number-of-any-list" if low else "")
    if article.topic == "Physical sciences" and _IN_THE_SKY.search(article.description):
        told = set(_CONSTELLATION.findall(article.text))
        if told:
            fault = "several-constellations" if len(told) > 1 else ""
            yield Fact("constellation", article.title, article.called, tuple(sorted(told))[:1], {}, fault)
    if article.topic == "Biology and health sciences":
        yield from _taxa(article)
    if article.topic == "Physical sciences" and (found := _DISCOVERED.search(article.text)):
        several = len(set(re.findall(r"discovered[^.]{0,80}?\b(\d{4})\b", article.text))) > 1
        called = article.name.lower() if _ELEMENT.match(article.description) else article.called
        yield Fact("discovery_year", article.title, called, (found[1],), {}, "several-years" if several else "")


def _taxa(article: Article) -> Iterator[Fact]:
    """Yield the family and the order of a living being, from a sentence that speaks of no other."""
    if _HIGHER.match(article.description):
        return
    for rank, form in _TAXON.items():
        told = [
            (number, found) for number, sentence in enumerate(article.sentences) for found in form.finditer(sentence)
        ]
        if told and not article.description.lower().startswith(rank):
            number, found = told[0]
            taxon = next(filter(None, found.groups()))
            fault = "of-something-else" if _OTHER_BEINGS.search(found.string[: found.start()]) or number > 1 else ""
            if len({next(filter(None, one.groups())) for _, one in told}) > 1:
                fault = fault or "several-taxa"
            answers = (taxon, *_OTHER_NAME.get(taxon, ()))
            yield Fact(rank, article.title, _living(article), answers, {}, fault)


def _living(article: Article) -> str:
    """Return the name of a living being as a sentence holds it: "the fox", "the Brazil nut", "Helianthus"."""
    name = article.name
    genus = re.search(r"\bis an? (?:[a-z-]+ ){0,3}genus\b", article.sentences[0])
    latin = genus and article.description.startswith("Genus") and not article.called[0].islower()
    if latin or _LATIN.search(name) or _BINOMIAL.fullmatch(name):
        return name
    if article.called.startswith("the ") or name.startswith(_PROPER):
        return f"the {article.called.removeprefix('the ')}"
    return f"the {name[0].lower()}{name[1:]}"
