"""Chat messages, apart from the tokenizer: prompts are built where no model is loaded."""

from typing import NamedTuple


class Message(NamedTuple):
    """One turn of a chat."""

    role: str  # system | user | assistant
    content: str
