"""What a reader of a data set has to be told aloud: it was read, but not all of it, or not as the file means it.

Each notice is a sentence, for the log, the card and the report. A data set without any was read as its layout expects.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from ..core.tables import Row
from ..text.matching import fold
from . import delimited, near_keys
from .layouts import About

_MANY = 1 / 4  # of records, or of counter-passages, that were rejected
_MOST = 4 / 5  # of questions with one answer
_FEW = 20  # questions; below, a share of answers says little
_NAMED = 12  # keys that a notice names
_TOP = 5  # answers in the card

# Counts of questions, which a sentence tells where they are not 0.
MARKED = "questions_or_answers_with_markup"
BROKEN = "questions_or_answers_with_broken_characters"
SEVERAL = "answers_that_may_be_several"
TIMESTAMP = "answers_that_are_timestamps"
MISSING = "answers_that_may_be_missing"
_TOLD = {
    MARKED: "with HTML in the question or an answer: a passage that says `&` does not hold `&amp;`. Clean them first",
    BROKEN: "with broken characters in the question or an answer (UTF-8 read as Windows-1252, say): save it anew",
    SEVERAL: "whose one answer may be several: write a list, of JSON or of Python",
    TIMESTAMP: "whose answer is a date with the hour 00:00:00, as no passage has it: write the date alone",
    MISSING: "whose answer may stand for none (`NULL`, `N/A`, `-`): if it does, leave the cell empty",
}


class Keys:
    """Which keys the records of a data set have, and which of those that its layout expects none has."""

    def __init__(self, about: About) -> None:
        """Take the layout's expectations."""
        self._expected = about.expected
        self._found: Counter[str] = Counter()  # records that have a value under the key

    def see(self, record: Row) -> None:
        """Count the keys of a record that have a value."""
        self._found.update(key for key, value in record.items() if value not in (None, "", [], {}))

    def notices(self) -> Iterator[str]:
        """Yield a sentence for each expected key that no record has."""
        for names in self._expected:
            if self._found and not self._found.keys() & {*names}:
                wanted = " or ".join(map(repr, names))
                more = " and more" if len(self._found) > _NAMED else ""
                yield f"no record has {wanted}, which the layout reads; found: {sorted(self._found)[:_NAMED]}{more}"


class Answers:
    """How the preferred answers of a data set's questions are distributed."""

    def __init__(self) -> None:
        """Start without questions."""
        self._counts: Counter[str] = Counter()

    def see(self, answer: str) -> None:
        """Count an answer, whatever its case."""
        self._counts[fold(answer)] += 1

    def card(self) -> Row:
        """Return the most frequent answers with their questions, and how many different ones there are."""
        return {"different": len(self._counts), "most_frequent": dict(self._counts.most_common(_TOP))}

    def notices(self) -> Iterator[str]:
        """Yield a sentence where one answer is that of most questions: a model that always gives it looks good."""
        total = self._counts.total()
        for answer, n in self._counts.most_common(1):
            if total >= _FEW and n > _MOST * total:
                yield f"{n} of {total} questions have the answer {answer!r}: who always gives it is right as often"


def of_texts(counts: Counter[str]) -> Iterator[str]:
    """Yield a sentence for each count of what texts hold and should not."""
    for name, told in _TOLD.items():
        if counts[name]:
            yield f"{counts[name]} question(s) {told} ({name})"


def of_columns(others: Mapping[str, int], known: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each column that may belong to one of those that are read; `others` counts the questions."""
    for column, meant in near_keys.beside(others, known).items():
        yield f"{others[column]} question(s) with {column!r} beside {meant!r}: it is kept, and not read"
    for column in others:
        if delimited.UNNAMED.fullmatch(column) and column != delimited.INDEX:
            yield f"{others[column]} question(s) with a value in {column}, which has no name: it is kept, and not read"


def of_counts(about: About, read: int, counts: Counter[str], reasons: Counter[str]) -> Iterator[str]:
    """Yield a sentence where many records or counter-passages were rejected, or where there are no counter-passages.

    `counts` are those of the card, `reasons` those of all rejected rows, of `read` records.
    """
    why = f"reasons of all rejected rows: {', '.join(f'{reason} {n}' for reason, n in reasons.most_common())}"
    lost = read - counts["questions"] - counts["demonstrations"]
    if lost > _MANY * read:
        yield f"{lost} of {read} records are no questions here; {why}"
    shipped, kept = counts["counter_passages_read"], counts["counter_passages"]
    if shipped - kept > _MANY * shipped:
        yield f"{shipped - kept} of {shipped} counter-passages were rejected; {why}"
    if about.contradicts and counts["questions"] and not kept:
        yield f"there are no counter-passages, of {shipped} read: conditions with `kind: benchmark` show nothing"
