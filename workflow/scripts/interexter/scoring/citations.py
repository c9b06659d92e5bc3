"""Citation recall and precision of answers, as ALCE defines them.

Source: Gao et al., EMNLP 2023, arXiv 2305.14627, section 4, and the function `compute_autoais` of its eval.py. An
answer is its statements, here its sentences; a statement cites documents by number. With NLI(p, s) for "the text p
entails the statement s", C for the documents that s cites, of which the first three count, as one text:

    recall of s       = 1 if C is not empty, its numbers exist, and NLI(C, s); else 0
    precision of c    = 1 if the recall of s is 1, and c is the only citation, or NLI(c, s), or not NLI(C without c, s)
    of an answer      recall: the mean over statements; precision: the mean over the citations of statements
                      whose numbers exist, 0 where it has none
    of all answers    the mean over answers with a statement

What differs from its code: which sentences are statements, and to which a citation belongs (statements.py).
Documents may be cited in words, "Documents 1 and 3", as InstructRAG's rationales do, beside "[1][3]" (text/cited.py);
brackets are taken out of a statement before it is judged, words are not. "[1, 2]" and "[1-3]" cite all their
numbers, where ALCE reads the first alone; "[0]" is no document, where ALCE takes the last; a document that a
statement cites twice counts once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..answers.schemas import ANSWERS
from ..core.tables import Row, read_table, values
from ..injection.compose import EXAMPLES
from ..models.entailment import Pair
from ..text.passages import by_rank
from ..text.thoughts import said
from .series_columns import CLOSED_BOOK
from .statements import Statement, statements

MOST = 3  # citations of a statement that count, the first of the text

_SHARD = re.compile(r"\.\d+-of-\d+$")  # what the names of a shard's files end in

Judge = Callable[[Sequence[Pair]], Sequence[bool]]  # whether each premise entails its hypothesis


class Score(NamedTuple):
    """Citation recall and precision of one answer."""

    recall: float
    precision: float


def scores(
    answers: Sequence[Sequence[Statement]], documents: Sequence[Sequence[str]], judge: Judge
) -> list[Score | None]:
    """Return the score of each answer; None for one without a statement.

    `documents` holds the documents that each answer was given, in order. `judge` is asked three times, each
    time about all that can be asked by then.
    """
    asked = [
        (number, place, statement.text, statement.cites[:MOST])
        for number, answer in enumerate(answers)
        for place, statement in enumerate(answer)
        if statement.cites and all(0 <= c < len(documents[number]) for c in statement.cites)
    ]

    def verdicts(questions: Sequence[tuple[int, str, tuple[int, ...]]]) -> list[bool]:
        joined = ["\n".join(documents[number][c] for c in cites) for number, _, cites in questions]
        return list(judge([(premise, text) for premise, (_, text, _) in zip(joined, questions, strict=True)]))

    jointly = verdicts([(number, text, cites) for number, _, text, cites in asked])
    several = [one for one, held in zip(asked, jointly, strict=True) if held and len(one[3]) > 1]
    single = [(number, place, text, cites, c) for number, place, text, cites in several for c in cites]
    alone = verdicts([(number, text, (c,)) for number, _, text, _, c in single])
    doubtful = [one for one, held in zip(single, alone, strict=True) if not held]
    without = verdicts([(n, text, tuple(x for x in cites if x != c)) for n, _, text, cites, c in doubtful])
    needless = {(n, place, c) for (n, place, _, _, c), held in zip(doubtful, without, strict=True) if held}
    entailed = {(number, place): held for (number, place, _, _), held in zip(asked, jointly, strict=True)}
    counted = {(number, place): cites for number, place, _, cites in asked}
    return [_score(number, len(answer), entailed, counted, needless) for number, answer in enumerate(answers)]


def rows(answers: Sequence[Row], documents: Sequence[Sequence[str]], judge: Judge) -> Iterator[Row]:
    """Yield question_id, condition, citation_recall and citation_precision of rows of ANSWERS that have statements."""
    found = scores([statements(said(row["text"])) for row in answers], documents, judge)
    for row, score in zip(answers, found, strict=True):
        if score is not None:
            about = {name: row[name] for name in ("question_id", "condition")}
            yield {**about, "citation_recall": score.recall, "citation_precision": score.precision}


def scored(
    answers: Sequence[Path], examples: Path, about: Row, prompt_sets: Mapping[str, str], judge: Judge
) -> Iterator[tuple[int, list[Row]]]:
    """Yield the number of answers and the rows of CITATIONS of one series after the other, by condition and checkpoint.

    `answers` has a file for each checkpoint and shard, named after it. Closed-book answers see no documents.
    """
    by_checkpoint: dict[str, list[Path]] = {}
    for path in answers:
        by_checkpoint.setdefault(_SHARD.sub("", path.stem), []).append(path)
    for condition in values(examples, "condition"):
        where = {"condition": condition}
        documents = {
            row["question_id"]: [document(passage) for passage in by_rank(row["passages"])]
            for row in read_table(examples, EXAMPLES, where=where).to_pylist()
        }
        for checkpoint, paths in sorted(by_checkpoint.items()):
            given = [row for path in paths for row in read_table(path, ANSWERS, where=where).to_pylist()]
            for method in sorted({row["method"] for row in given} - {CLOSED_BOOK}):
                mine = sorted((r for r in given if r["method"] == method), key=lambda row: row["question_id"])
                series = {**about, "checkpoint": checkpoint, "method": method, "prompt_set": prompt_sets[method]}
                shown = [documents[row["question_id"]] for row in mine]
                yield len(mine), [series | row for row in rows(mine, shown, judge)]


def document(passage: Row) -> str:
    """Return a passage as ALCE shows it to the model: its title on a line of its own, if it has one."""
    title = f"Title: {passage['title']}\n" if passage["title"] else ""
    return f"{title}{passage['text']}"


def _score(
    number: int,
    size: int,
    entailed: dict[tuple[int, int], bool],
    counted: dict[tuple[int, int], tuple[int, ...]],
    needless: set[tuple[int, int, int]],
) -> Score | None:
    if not size:
        return None
    places = [place for place in range(size) if (number, place) in counted]
    held = [place for place in places if entailed[number, place]]
    n_citations = sum(len(counted[number, place]) for place in places)
    precise = sum((number, place, c) not in needless for place in held for c in counted[number, place])
    return Score(len(held) / size, precise / n_citations if n_citations else 0.0)
