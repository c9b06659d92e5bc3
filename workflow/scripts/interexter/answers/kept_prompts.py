"""Prompts beside their answers, kept where a study asks for them (`generate.keep_prompts`).

They are noted on the way: a conversation builds its prompts anew in every run, whether an engine answers or the store.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import pyarrow as pa

from ..core.tables import Row, table_schema
from ..engine.conversations import Conversation, Prompt, Result
from ..models.messages import Message

_MESSAGES = pa.list_(pa.struct([pa.field(name, pa.string(), nullable=False) for name in ("role", "content")]))
PROMPTS = table_schema(  # a row for each answer that was asked for, rejected ones too, in the order of ANSWERS
    method=pa.string(),
    condition=pa.string(),
    question_id=pa.string(),
    prompts=pa.list_(  # in the order in which they were asked; none for a method that asks nothing
        pa.struct(
            [
                pa.field("messages", _MESSAGES, nullable=False),
                pa.field("contrast", _MESSAGES, nullable=False),  # of the prompt that is read beside it, if one is
            ]
        )
    ),
)


def noted(conversation: Conversation[Result], asked: list[Prompt]) -> Conversation[Result]:
    """Lead a conversation as it is, and append what it asks to `asked`."""
    received = None
    while True:
        try:
            prompts = next(conversation) if received is None else conversation.send(received)
        except StopIteration as stop:
            return cast(Result, stop.value)
        asked.extend(prompts)
        received = yield prompts


def row(identity: Row, asked: Sequence[Prompt]) -> Row:
    """Return a row of PROMPTS."""
    shown = [
        {"messages": _turns(prompt.messages), "contrast": _turns(prompt.contrast.messages if prompt.contrast else ())}
        for prompt in asked
    ]
    return {**identity, "prompts": shown}


def _turns(messages: Iterable[Message]) -> list[Row]:
    return [message._asdict() for message in messages]
