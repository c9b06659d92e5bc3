"""Where a text that is still being written has given its answer, so that nothing need be written after it."""

from .final_answers import answer_start, final_answer, said_after
from .sections import begins_section


def answer_end(text: str, asked: str) -> int | None:
    """Return where in `text` its answer ends, or None as long as it is not given or may go on.

    What was `asked` for is the "answer" alone, which is the first line that says something, or a "field", a filled
    line "Final answer:". An answer goes on while its line does, and a list while its items do. The text up to there
    has the final answer of the whole text (see final_answers.final_answer).
    """
    start = answer_start(text, asked)
    said = said_after(text, start) if start is not None else None
    return said.end if said and said.ended else None


def gives_answer(text: str, asked: str) -> bool:
    """Tell whether a text that was cut gives its answer all the same: a filled field, or a first line that is whole.

    A field has to be whole too where a section of a rationale begins in it, since it is filled with that.
    """
    whole = asked == "answer" or begins_section(final_answer(text, asked))
    return answer_end(text if whole else f"{text}\n\n", asked) is not None
