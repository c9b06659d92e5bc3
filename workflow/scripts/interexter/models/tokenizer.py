"""Chat messages to token ids: the one function that training and inference share.

A prompt is rendered by the model's own chat template (rendering.py) and tokenized once; what follows it in training is
the completion and the end of the turn, as the template writes it. What the template alone does not settle, chat.py
holds. A control token in the words of a message (a passage may hold any text) becomes a space, so that it cannot begin
or end a turn.
"""

import copy
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from ..core.errors import UserError
from . import chat as chats
from .chat import Chat
from .messages import Message
from .rendering import Renderer


class Tokenizer:
    """The tokenizer of a model folder, with how the model is spoken to (`chat`)."""

    def __init__(self, model: Path, chat: Chat | None = None) -> None:
        """Load it, with what the folder says of the chat unless another is given.

        Raises UserError if the folder has no tokenizer, or none with a chat template and an end token.
        """
        self._tokenizer = _loaded(model)
        if not self._tokenizer.chat_template:
            raise UserError(f"{model}: its tokenizer has no chat template; choose an instruction-tuned model.")
        if self._tokenizer.eos_token_id is None:
            raise UserError(f"{model}: its tokenizer has no end token (eos_token), so no answer could end.")
        template = self._tokenizer.get_chat_template()
        self._renderer = Renderer(template, str(model))
        self._controls = _controls(self._tokenizer, template)
        self._control = re.compile("|".join(re.escape(token) for token in sorted(self._controls)) or r"(?!)")
        self.chat = chats.read(model) if chat is None else chat

    def speaking(self, chat: Chat) -> Self:
        """Return the same tokenizer for another way to speak to the model."""
        other = copy.copy(self)
        other.chat = chat
        return other

    def rendered(self, messages: Sequence[Message], begun: bool = True) -> str:
        """Return the text of messages, where `begun` up to where the assistant begins to write."""
        said = [Message(role, self._plain(content)) for role, content in messages]
        if self.chat.folds_system:
            said = _folded(said)
        variables: dict[str, Any] = {**self._tokenizer.special_tokens_map, "tools": None, "documents": None}
        if self.chat.enable_thinking is not None:
            variables["enable_thinking"] = self.chat.enable_thinking
        return self._renderer.render(said, self.chat.date, {**variables, "add_generation_prompt": begun})

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of a prompt, up to where the assistant begins to write."""
        [token_ids] = self.prompts([messages])
        return token_ids

    def prompts(self, many: Sequence[Sequence[Message]]) -> list[list[int]]:
        """Return the token ids of prompts; those of many together cost about half of what they cost one by one."""
        if not many:
            return []
        texts = [self.rendered(messages) for messages in many]
        return [list(ids) for ids in self._tokenizer(texts, add_special_tokens=False)["input_ids"]]

    def completion(self, text: str) -> list[int]:
        """Return the token ids of what the assistant writes, with the end of its turn.

        A think block that the prompt opened is closed first: what is trained is the answer.
        """
        return [*self.ids(self.chat.lead + self._plain(text)), *(self.chat.end or [self._tokenizer.eos_token_id])]

    def beginning(self, text: str) -> list[int]:
        """Return the token ids of the beginning of a plain text: no turns, and the token that begins texts, if any."""
        ids = list(self._tokenizer(self._plain(text))["input_ids"])
        return ids[:-1] if ids and ids[-1] == self._tokenizer.eos_token_id else ids

    def going_on(self, text: str) -> list[int]:
        """Return the token ids of what a plain text goes on with."""
        return self.ids(self._plain(text))

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a text as it stands, control tokens included."""
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def text(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids, special tokens included."""
        return str(self._tokenizer.decode(list(token_ids)))

    def plain_text(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids without special tokens, as vLLM gives that of a generation."""
        return str(self._tokenizer.decode(list(token_ids), skip_special_tokens=True))

    def controls(self) -> dict[str, int]:
        """Return the control tokens and their ids: the special ones, and those that the template itself writes."""
        return dict(self._controls)

    def end_tokens(self) -> list[int]:
        """Return the ids of the tokens that end a generation: the turn's end, and that of all text."""
        return list(dict.fromkeys([*self.chat.end[-1:], int(self._tokenizer.eos_token_id)]))

    def thinks(self) -> bool:
        """Tell whether generations may begin with a think block."""
        return bool(self.chat.opened or self.chat.enable_thinking)

    def _plain(self, text: str) -> str:
        return self._control.sub(" ", text)


def _loaded(model: Path) -> Any:
    """Load transformers' tokenizer; whatever its files make of the library, raise UserError and nothing else.

    It is tried on a word, too: some of what its files say is looked at only then.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
        tokenizer.decode(tokenizer("a word")["input_ids"], skip_special_tokens=True)
        return tokenizer
    except BaseException as error:  # whatever libraries raise here; a panic of Rust's is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        said = f"{type(error).__name__}: {str(error)[:200]}"
        raise UserError(f"{model}: no tokenizer could be loaded from there ({said}).") from error


def _controls(tokenizer: Any, template: str) -> dict[str, int]:
    """Return special tokens, and others that the template names, but no plain words and no white space."""
    found = {}
    for number, token in tokenizer.added_tokens_decoder.items():
        marked = bool(token.content.strip()) and not token.content.strip().isalnum()
        if token.special or (marked and token.content in template):
            found[token.content] = int(number)
    return found


def _folded(messages: Sequence[Message]) -> list[Message]:
    """Return messages without a system turn: what it says stands before the user's first words."""
    if len(messages) < 2 or [message.role for message in messages[:2]] != ["system", "user"]:
        return list(messages)
    system, user, *rest = messages
    return [Message("user", f"{system.content}\n\n{user.content}"), *rest]
