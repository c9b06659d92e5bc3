"""Training rows and rationales in words, as other trainers read them: chat messages instead of token ids."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..answers.methods import Ask, Method
from ..core.errors import UserError
from ..core.files import write_text
from ..core.tables import Row
from ..models.messages import Message
from ..models.tokenizer import Tokenizer
from .rows import Examples, asked

FORMS = ("messages", "prompt-completion")
_KEYS = ("question_id", "condition", "state", "style")  # what is kept of a row beside its words, where it has it


def conversations(
    targets: Iterable[Row], examples: Examples, memory: Mapping[str, str], method: Method, ask: Ask
) -> list[Row]:
    """Return for each target the prompt that `method` asks, as chat messages, and the completion.

    Args:
        targets: rows with `question_id`, `condition` and `completion`; others of their keys are kept.
        examples: by question and condition, one for each target.
        memory: internal documents by question.
        method: what a checkpoint that learns the rows will serve.
        ask: what its prompts are built with.
    """
    rows = []
    for target in targets:
        prompt = asked(target, examples, memory, method, ask)
        kept = {name: target[name] for name in _KEYS if name in target}
        rows.append(
            {
                **kept,
                "prompt": _turns(prompt.messages),
                "completion": _turns([Message("assistant", target["completion"])]),
            }
        )
    return rows


def plain(rows: Sequence[Row], tokenizer: Tokenizer) -> list[Row]:
    """Return conversations with a space for each control token in their words, as `tokenizer` renders them.

    Others render words as they stand: a passage that holds the mark of a turn's end would end the turn there.
    """
    control = re.compile("|".join(re.escape(token) for token in sorted(tokenizer.controls())) or r"(?!)")

    def cleaned(turns: Sequence[Row]) -> list[Row]:
        return [{**turn, "content": control.sub(" ", turn["content"])} for turn in turns]

    return [{**row, "prompt": cleaned(row["prompt"]), "completion": cleaned(row["completion"])} for row in rows]


def check_tokens(rows: Sequence[Row], trained: Sequence[Row], tokenizer: Tokenizer) -> None:
    """Raise UserError where conversations are other tokens than the rows of TRAINING, in the same order."""
    odd = [row["question_id"] for row, told in zip(rows, trained, strict=True) if _tokens(row, tokenizer) != _ids(told)]
    if odd:
        raise UserError(
            f"{len(odd)} of {len(rows)} training rows are no longer what was trained on, such as {', '.join(odd[:3])}: "
            "prompts or code have changed since. Run the study again, then export."
        )


def _tokens(row: Row, tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    [completion] = row["completion"]
    prompt = [Message(**turn) for turn in row["prompt"]]
    return tokenizer.prompt(prompt), tokenizer.completion(completion["content"])


def _ids(trained: Row) -> tuple[list[int], list[int]]:
    prompt = trained["completion_mask"].index(1)
    return trained["input_ids"][:prompt], trained["input_ids"][prompt:]


def write(folder: Path, name: str, rows: Sequence[Row]) -> list[Path]:
    """Write conversations to a folder as JSON Lines, a file for each of FORMS; return the files.

    Without rows there is no file: readers of JSON Lines learn the columns from the rows and refuse an empty file.
    """
    written = []
    for form in FORMS if rows else ():
        path = folder / f"{name}.{form}.jsonl"
        lines = (json.dumps(in_form(row, form), ensure_ascii=False) for row in rows)
        write_text(path, "".join(f"{line}\n" for line in lines))
        written.append(path)
    return written


def in_form(row: Row, form: str) -> Row:
    """Return a conversation in one of FORMS: one list of messages, or those of the prompt apart from the answer's."""
    if form == "prompt-completion":
        return row
    kept = {name: value for name, value in row.items() if name not in ("prompt", "completion")}
    return {**kept, "messages": [*row["prompt"], *row["completion"]]}


def _turns(messages: Iterable[Message]) -> list[Row]:
    return [message._asdict() for message in messages]
