"""The passages of each question: those that a search found, or those that its data set ships."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..core.errors import UserError
from ..core.tables import Row
from ..text.passages import passage
from ..text.stance import stance_of
from .corpus import Corpus, Ranked


def check_depth(depth: int) -> None:
    """Raise UserError unless a question gets a passage at least."""
    if depth < 1:
        raise UserError(f"retrieval depth {depth}: expected at least 1 passage per question")


def found(questions: Iterable[Row], corpus: Corpus, rankings: Iterable[Ranked]) -> Iterator[Row]:
    """Yield the rows of RETRIEVED for rankings, one for each question."""
    for question, ranked in zip(questions, rankings, strict=True):
        passages = [_found(corpus.row(index), rank, score, question) for rank, (index, score) in enumerate(ranked, 1)]
        yield {"question_id": question["question_id"], "passages": passages}


def shipped(questions: Iterable[Row], batches: Iterable[Sequence[Row]], depth: int) -> Iterator[Row]:
    """Yield rows of RETRIEVED for questions from what their data set ships, the `depth` best passages at most.

    They come in the order of `batches` (of RETRIEVED); then the questions without passages, with none.
    """
    ids = {question["question_id"]: None for question in questions}
    for batch in batches:
        for row in batch:
            if row["question_id"] in ids:
                del ids[row["question_id"]]
                yield {**row, "passages": [passage for passage in row["passages"] if passage["rank"] <= depth]}
    for question_id in ids:
        yield {"question_id": question_id, "passages": []}


def counted(rows: Iterable[Row], write: Callable[[Row], None]) -> Iterator[Row]:
    """Yield rows while they are written, so that measures need no second look at them."""
    for row in rows:
        write(row)
        yield row


def _found(document: Row, rank: int, score: float, question: Row) -> Row:
    stance = stance_of(document, question["answers"], question["subject"])
    return passage(**document, rank=rank, score=score, origin="retrieved", stance=stance)
