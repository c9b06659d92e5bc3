"""What another system is shown of an example, and the id by which its answer comes back."""

from ..core.identity import content_id
from ..core.tables import Row
from ..text.passages import by_rank


def passages_shown(example: Row) -> list[Row]:
    """Return title and text of the passages of an example, in the order in which they are shown."""
    ordered = by_rank(example["passages"])
    return [{"title": passage["title"], "text": passage["text"]} for passage in ordered]


def example_id(example: Row) -> str:
    """Return the id of an example: a hash of its question, condition and passages.

    An answer that carries it was given to these passages in this order, and not to those of another seed or run.
    """
    return content_id([example["question_id"], example["condition"], example["question"], passages_shown(example)])
