"""What rules look up beyond the article that they read: other articles, people, nationalities."""

import re
from collections.abc import Iterable, Mapping

from . import names
from .articles import Article, by_title

_LIFE = re.compile(r"\(?(?:born |died )?(?:c\. ?)?\d{3,4}(?:[–/-](?:c\. ?)?\d{2,4})?\)?$")
_CITY = re.compile(r"\b(?:[Cc]ity|[Cc]apital|[Mm]etropolis|[Mm]unicipality|[Tt]own)\b")
_ALONE = {"Dante Alighieri": ["Dante"], "Leonardo da Vinci": ["Leonardo"]}  # first names that stand for the person
_NUMERAL = re.compile(r"[IVX]+|Jr\.?|Sr\.?|\w{1,3}")


class World:
    """The articles by title, and what they tell together."""

    def __init__(self, articles: Iterable[Article], adjectives: Mapping[str, str]) -> None:
        """Keep the articles, and the `adjectives` of nationalities by ISO code."""
        self.articles, self.counts = by_title(articles)
        self.people = {article.name for article in self.articles.values() if is_person(article)}
        self.cities = {article.name for article in self.articles.values() if _CITY.search(article.description)}
        self.words = {word for one in self.articles.values() for word in re.findall(r"\b[a-z]+\b", one.text)}
        self.inhabitants = names.inhabitants(dict(adjectives))

    def person_forms(self, name: str) -> tuple[str, ...]:
        """Return a person's name, and the last name unless it is a word too.

        Of a last name alone, return the whole one where only one person has it.
        """
        *before, last = name.split()
        if not before:
            full = [one for one in sorted(self.people) if one.endswith(f" {name}")]
            return names.forms([name, *(full if len(full) == 1 else [])])
        alone = [] if _NUMERAL.fullmatch(last) or last.lower() in self.words else [last]
        return names.forms([name, *alone, *_ALONE.get(name, [])])


def is_person(article: Article) -> bool:
    """Tell whether an article is about one human being."""
    return article.topic == "People" or (article.topic == "Uncategorized" and bool(_LIFE.search(article.description)))
