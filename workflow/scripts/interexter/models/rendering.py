"""Messages to text by a model's chat template, in a process that can be ended (see sandbox.py).

Every rendering has its bounds, not only the first ones: a template that behaves when it is tried may still look at the
words or the length of later messages.
"""

import json
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import UserError
from . import sandbox
from .messages import Message

SECONDS = 10  # of work, most for one rendering, which takes less than a millisecond otherwise
MEMORY = 2**30  # bytes of the process, most
ROOM = 65536  # characters that a template may add to messages
TIMES = 4  # how often it may write them


_REMEDY = "Take another model, or mend the template."


class TemplateRefusal(UserError):
    """A template has refused messages, or failed on them."""


class Renderer:
    """A chat template, ready to be rendered; its process starts with the first rendering and ends with this object."""

    def __init__(self, template: str, about: str) -> None:
        """Take the template's source; `about` is what errors call it by."""
        self._template = template
        self._about = about
        self._process: subprocess.Popen[str] | None = None

    def render(self, messages: Sequence[Message], date: str, variables: Mapping[str, Any]) -> str:
        """Return the text of messages on a date (YYYY-MM-DD), with the template's other variables.

        Raises TemplateRefusal where the template refuses them, and UserError where it exceeds a bound.
        """
        if self._process is None:
            self._start()
        said = sum(len(message.content) for message in messages)
        turns = [message._asdict() for message in messages]
        limit = ROOM + TIMES * said
        return self._ask({"messages": turns, "date": date, "variables": dict(variables), "limit": limit})

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", sandbox.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # of a crash: how it ended is said in one line
            encoding="ascii",  # JSON escapes the rest
        )
        weakref.finalize(self, _end, self._process)
        self._ask({"template": self._template, "seconds": SECONDS, "memory": MEMORY})

    def _ask(self, line: dict[str, Any]) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
            answered = self._process.stdout.readline()
        except BrokenPipeError:
            answered = ""
        if not answered:
            raise UserError(f"{self._about}: its chat template {self._ending()}. {_REMEDY}")
        answer = json.loads(answered)
        if "exceeded" in answer:
            raise UserError(f"{self._about}: its chat template {answer['exceeded']}. {_REMEDY}")
        if "error" in answer:
            raise TemplateRefusal(f"{self._about}: its chat template refuses the messages: {answer['error']}.")
        return str(answer["text"])

    def _ending(self) -> str:
        """Say how the process has ended; the next rendering starts another."""
        assert self._process is not None
        code, self._process = self._process.wait(), None
        if code == -signal.SIGPROF:
            return f"was ended after {SECONDS} seconds of work"
        return f"ended its process ({signal.Signals(-code).name if code < 0 else f'status {code}'})"


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
