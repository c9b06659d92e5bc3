"""Chat messages to token ids: the one function that training and inference share.

A prompt is rendered by the model's own chat template and tokenized once; what follows it in
training is the completion and the end-of-turn token, as inference would produce them. A special token
in the words of a message (a passage may hold any text) becomes a space, so that it cannot begin a turn.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import UserError
from .messages import Message


class Tokenizer:
    """The tokenizer of a model folder."""

    def __init__(self, model: Path) -> None:
        """Load it; raise UserError if the folder has none, or none with a chat template."""
        from transformers import AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
        except (OSError, ValueError) as error:
            raise UserError(f"{model}: no tokenizer could be loaded from there: {error}") from error
        if not self._tokenizer.chat_template:
            raise UserError(f"{model}: its tokenizer has no chat template; choose an instruction-tuned model.")
        special = {token.content for token in self._tokenizer.added_tokens_decoder.values() if token.special}
        self._special = re.compile("|".join(re.escape(token) for token in sorted(special)) or r"(?!)")

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of a prompt, up to where the assistant begins to write."""
        [token_ids] = self.prompts([messages])
        return token_ids

    def prompts(self, many: Sequence[Sequence[Message]]) -> list[list[int]]:
        """Return the token ids of prompts; those of many together cost about half of what they cost one by one."""
        if not many:
            return []
        turns = [[{"role": role, "content": self._plain(content)} for role, content in one] for one in many]
        texts = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return [list(ids) for ids in self._tokenizer(texts, add_special_tokens=False)["input_ids"]]

    def completion(self, text: str) -> list[int]:
        """Return the token ids of what the assistant writes, with the end-of-turn token."""
        ids = self._tokenizer(self._plain(text), add_special_tokens=False)["input_ids"]
        return [*ids, self._tokenizer.eos_token_id]

    def text(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids, special tokens included."""
        return str(self._tokenizer.decode(list(token_ids)))

    def plain_text(self, token_ids: Sequence[int]) -> str:
        """Return the text of token ids without special tokens, as vLLM gives that of a generation."""
        return str(self._tokenizer.decode(list(token_ids), skip_special_tokens=True))

    def end_token(self) -> int:
        """Return the id of the end-of-turn token."""
        return int(self._tokenizer.eos_token_id)

    def _plain(self, text: str) -> str:
        return self._special.sub(" ", text)
