"""The same questions with the passages of another language: what makes language a factor of a study.

A question stays as it is, in English. It is kept where the other Wikipedia has an article of the subject's name whose
lead holds the answer. Years, figures and people's names are the same there; names of countries are CLDR's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from babel import Locale

from ...core.tables import Row, rejection
from ...text import matching
from ...text.stance import SUPPORTING, stance_of
from . import names
from .articles import Article, by_title

_INHABITANTS = {  # how the leads of biographies say them, by the English adjective
    "fr": {
        "American": ("américain", "américaine", "états-unien"),
        "Argentine": ("argentin", "argentine"),
        "Australian": ("australien", "australienne"),
        "Austrian": ("autrichien", "autrichienne"),
        "Belgian": ("belge",),
        "Brazilian": ("brésilien", "brésilienne"),
        "British": ("britannique",),
        "Canadian": ("canadien", "canadienne"),
        "Chilean": ("chilien", "chilienne"),
        "Chinese": ("chinois", "chinoise"),
        "Danish": ("danois", "danoise"),
        "Dutch": ("néerlandais", "néerlandaise", "hollandais"),
        "Egyptian": ("égyptien", "égyptienne"),
        "English": ("anglais", "anglaise", "britannique"),
        "French": ("français", "française"),
        "German": ("allemand", "allemande"),
        "Greek": ("grec", "grecque"),
        "Hungarian": ("hongrois", "hongroise"),
        "Indian": ("indien", "indienne"),
        "Irish": ("irlandais", "irlandaise"),
        "Italian": ("italien", "italienne"),
        "Japanese": ("japonais", "japonaise"),
        "Mexican": ("mexicain", "mexicaine"),
        "Norwegian": ("norvégien", "norvégienne"),
        "Polish": ("polonais", "polonaise"),
        "Portuguese": ("portugais", "portugaise"),
        "Russian": ("russe",),
        "Scottish": ("écossais", "écossaise", "britannique"),
        "Spanish": ("espagnol", "espagnole"),
        "Swedish": ("suédois", "suédoise"),
        "Swiss": ("suisse",),
        "Turkish": ("turc", "turque"),
    },
    "es": {
        "American": ("estadounidense", "norteamericano", "norteamericana"),
        "Argentine": ("argentino", "argentina"),
        "Australian": ("australiano", "australiana"),
        "Austrian": ("austríaco", "austríaca"),
        "Belgian": ("belga",),
        "Brazilian": ("brasileño", "brasileña"),
        "British": ("británico", "británica"),
        "Canadian": ("canadiense",),
        "Chilean": ("chileno", "chilena"),
        "Chinese": ("chino", "china"),
        "Danish": ("danés", "danesa"),
        "Dutch": ("neerlandés", "neerlandesa", "holandés"),
        "Egyptian": ("egipcio", "egipcia"),
        "English": ("inglés", "inglesa", "británico", "británica"),
        "French": ("francés", "francesa"),
        "German": ("alemán", "alemana"),
        "Greek": ("griego", "griega"),
        "Hungarian": ("húngaro", "húngara"),
        "Indian": ("indio", "india"),
        "Irish": ("irlandés", "irlandesa"),
        "Italian": ("italiano", "italiana"),
        "Japanese": ("japonés", "japonesa"),
        "Mexican": ("mexicano", "mexicana"),
        "Norwegian": ("noruego", "noruega"),
        "Polish": ("polaco", "polaca"),
        "Portuguese": ("portugués", "portuguesa"),
        "Russian": ("ruso", "rusa"),
        "Scottish": ("escocés", "escocesa", "británico", "británica"),
        "Spanish": ("español", "española"),
        "Swedish": ("sueco", "sueca"),
        "Swiss": ("suizo", "suiza"),
        "Turkish": ("turco", "turca"),
    },
}


class Built(NamedTuple):
    """The tables of the data set."""

    questions: list[Row]
    corpus: list[Row]
    rejected: list[Row]
    articles: dict[str, int]  # how many were read, and how many of these left out


def retold(questions: Sequence[Row], articles: Iterable[Article], language: str) -> Built:
    """Return the questions that the articles of another language answer too, with these articles as corpus."""
    told, counts = by_title(articles)
    named: dict[str, Article] = {}
    several = Counter(matching.fold(article.name) for article in told.values())
    for article in told.values():
        if several[matching.fold(article.name)] == 1:
            named[matching.fold(article.name)] = article
    kept, rejected = [], []
    for row in questions:
        found = named.get(matching.fold(row["subject"]))
        answers = list(forms(row, language))
        if found is None:
            rejected.append(_rejection(row, "no-article-of-this-name", language))
        elif all(stance_of(passage, answers, row["subject"]) != SUPPORTING for passage in found.passages):
            rejected.append(_rejection(row, "no-passage-holds-the-answer", language))
        else:
            kept.append({**row, "answers": answers})
    return Built(kept, corpus_of(article.passages for article in told.values()), rejected, counts)


def forms(row: Row, language: str) -> tuple[str, ...]:
    """Return the gold answers of a question with the forms that texts of another language have for them."""
    answers = row["answers"]
    more: list[str] = []
    if row["answer_type"] == "nationality":
        more = [form for answer in answers[:1] for form in _INHABITANTS[language].get(answer, ())]
    if row["answer_type"] in ("nationality", "country") and (code := _code(answers)):
        more.append(_countries(language)[code].replace("\u2019", "'"))
    if row["answer_type"] == "number":
        for answer in answers:
            more += [answer.replace(",", sign) for sign in (" ", ".") if "," in answer and "." not in answer]
    return names.forms([*answers, *more])


def corpus_of(passages: Iterable[Sequence[Row]]) -> list[Row]:
    """Return passages, each once, in the order of their ids."""
    found = {row["passage_id"]: row for some in passages for row in some}
    return [found[key] for key in sorted(found)]


def _code(answers: Sequence[str]) -> str:
    return next((code for answer in answers if (code := names.country_code(answer))), "")


def _countries(language: str) -> Mapping[str, str]:
    return Locale(language).territories


def _rejection(row: Row, reason: str, language: str) -> Row:
    return rejection(row["question_id"], reason, f"{language}: {row['relation']}: {row['question']}")
