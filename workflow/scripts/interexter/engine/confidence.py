"""How sure a model was of its final answer: the probability of the tokens that write it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..text.final_answers import final_span


class Confidence(NamedTuple):
    """How sure a model was of an answer."""

    log_probability: float  # natural logarithm, summed over the answer's tokens
    tokens: int


def final_confidence(
    text: str,
    asked: str,
    token_ids: Sequence[int],
    log_probabilities: Sequence[float],
    decode: Callable[[Sequence[int]], str],
) -> Confidence | None:
    """Return the log probability of the final answer of a text, and of how many tokens it is the sum.

    `asked` is what the prompt wanted (see final_answers.final_answer). A token counts if a part of the final answer
    lies in it. `decode` turns token ids into text; where that does not begin with the text (an engine cut it
    elsewhere), or the text ends in no answer, the outcome is None.
    """
    start, stop = final_span(text, asked)
    if start == stop or not decode(token_ids).startswith(text):
        return None
    first = _tokens_until(start + 1, token_ids, decode) - 1
    last = _tokens_until(stop, token_ids, decode)
    return Confidence(float(sum(log_probabilities[first:last])), last - first)


def _tokens_until(length: int, token_ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> int:
    """Return how many tokens it takes to write so many characters."""
    low, high = 1, len(token_ids)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(decode(token_ids[:middle])) >= length else (middle + 1, high)
    return low
