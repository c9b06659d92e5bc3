"""Memory: what a model's closed-book answers to a question say, taken together."""

MEMORIES = ("gold", "counter", "other", "unstable", "none")  # none: it gave no answer
STABLE = 0.5  # least share of sampled closed-book answers with the greedy one's label


def memory(closed_book_label: str, agreement: float) -> str:
    """Return what closed-book answers say, one of MEMORIES.

    `closed_book_label` is that of the greedy answer, `agreement` the share of the sampled ones with the same label.
    """
    if closed_book_label in ("abstain", "unfinished"):
        return "none"
    if closed_book_label == "both" or agreement < STABLE:
        return "unstable"
    return "other" if closed_book_label == "neither" else closed_book_label
