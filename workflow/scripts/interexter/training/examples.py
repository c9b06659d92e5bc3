"""What a training takes of its rows: all of them or none, labels where the loss counts, and those that it holds out."""

from ..core import identity
from ..core.errors import UserError
from ..core.tables import Row


def check_rows(rows: list[Row], max_length: int, context_length: int) -> None:
    """Raise UserError, naming question ids, if a row is too long, has no completion or a mask that does not fit.

    Nothing is ever truncated, because what a truncated row loses is its completion. Beyond `context_length`, the
    tokens that the model was made for, it would train at positions that it never saw.
    """
    if long := _longer(rows, context_length):
        raise UserError(
            f"{long}, more than the {context_length} that the model reads at most (its manifest's context_length). "
            "Show fewer passages, or take a model with a longer context."
        )
    if long := _longer(rows, max_length):
        raise UserError(
            f"{long}, more than max_length = {max_length}. Raise max_length in the recipe, or show fewer passages."
        )
    odd = [row for row in rows if len(row["input_ids"]) != len(row["completion_mask"])]
    if odd:
        raise UserError(f"{len(odd)} training rows have a completion_mask of another length: {_named(odd)}.")
    # A token's loss needs a token before it, so a completion cannot start a row.
    empty = [row for row in rows if not any(row["completion_mask"]) or row["completion_mask"][0]]
    if empty:
        raise UserError(f"{len(empty)} training rows have no prompt or no completion: {_named(empty)}.")


def _longer(rows: list[Row], most: int) -> str:
    """Say how many rows have more than so many tokens, which, and how many the longest has; "" where none has."""
    if not (long := [row for row in rows if len(row["input_ids"]) > most]):
        return ""
    longest = max(len(row["input_ids"]) for row in long)
    return f"{len(long)} training rows are too long: {_named(long)}. The longest has {longest} tokens"


def _named(rows: list[Row], most: int = 5) -> str:
    names = ", ".join(f"{row['question_id']} ({row['condition']})" for row in rows[:most])
    return names + (f" and {len(rows) - most} more" if len(rows) > most else "")


def labels_of(row: Row) -> list[int]:
    """Return a row's labels: the token where the loss counts, -100 elsewhere."""
    return [token if bit else -100 for token, bit in zip(row["input_ids"], row["completion_mask"], strict=True)]


def held_out(rows: list[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Return the rows that are trained on and those that are held out, both in the given order.

    Whole questions are held out, because the same question under another condition would give the answer away.
    Which ones depends on the seed and the question alone.
    """
    if not share:
        return rows, []
    questions = sorted({row["question_id"] for row in rows}, key=lambda name: identity.row_seed(seed, "held-out", name))
    away = set(questions[: max(1, round(share * len(questions)))])
    if len(away) == len(questions):
        raise UserError(f"held_out = {share} of {len(questions)} questions leaves none to train on.")
    kept = [row for row in rows if row["question_id"] not in away]
    return kept, [row for row in rows if row["question_id"] in away]
