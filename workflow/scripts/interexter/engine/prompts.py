"""Prompt sets: folders of Jinja templates, rendered to chat messages.

The file NAME.j2 is a chat: a line `--- system ---`, `--- user ---` or `--- assistant ---` begins each
turn. The file is cut into turns before it is rendered, so nothing that is filled in can begin one.
An undefined name in a template is an error, so no unfilled field ever reaches a model.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2

from ..core.errors import UserError
from ..core.tables import Row
from ..models.messages import Message
from ..text.passages import by_rank
from .conversations import Prompt, Sampling

FOLDER = Path(__file__).with_name("prompt_sets")

_TURN = re.compile(r"^--- (system|user|assistant) ---\n", re.MULTILINE)


class PromptSet:
    """The templates of one folder."""

    ASKS = True  # for the answer alone, or for a line "Final answer:", as the template says

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        """Open the prompt set `name`; raise UserError if there is no such folder."""
        if not (folder / name).is_dir():
            known = sorted(p.name for p in folder.iterdir() if p.is_dir())
            raise UserError(f"prompt set {name!r}: not a folder of {folder}; known are {known}.")
        self._folder = folder / name
        self._jinja = jinja2.Environment(
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # prompts are plain text; the report escapes what models write
        )
        self._turns: dict[str, list[tuple[str, jinja2.Template]]] = {}

    def messages(self, template: str, **values: Any) -> tuple[Message, ...]:
        """Render a template's turns; raise UserError for a missing template or an undefined name."""
        turns = self._turns.get(template) or self._turns.setdefault(template, self._load(template))
        try:
            return tuple(Message(role, turn.render(**values).strip()) for role, turn in turns)
        except jinja2.TemplateError as error:
            raise UserError(f"{self._folder / template}.j2: {error}") from error

    def documents(self, passages: Sequence[Row]) -> str:
        """Render passages in the order of their ranks, numbered from 1."""
        ordered = by_rank(passages)
        [message] = self.messages("documents", passages=ordered)
        return message.content

    def ask(self, template: str, sampling: Sampling, **values: Any) -> Prompt:
        """Render a template and say how to decode what follows.

        The generation ends where what is asked for is given (see conversations.Sampling), if this set asks for it.
        """
        return Prompt(self.messages(template, **values), sampling if self.ASKS else replace(sampling, asked=""))

    def _load(self, template: str) -> list[tuple[str, jinja2.Template]]:
        path = self._folder / f"{template}.j2"
        if not path.is_file():
            raise UserError(f"{path}: this prompt set has no such template.")
        _, *parts = _TURN.split(path.read_text(encoding="utf-8"))
        if not parts:
            raise UserError(f"{path}: no line `--- user ---` begins a turn.")
        try:
            return [
                (role, self._jinja.from_string(source)) for role, source in zip(parts[::2], parts[1::2], strict=True)
            ]
        except jinja2.TemplateError as error:
            raise UserError(f"{path}: {error}") from error
