"""From tasks to conversations: the same ones ask an engine and replay finished generations."""

from collections.abc import Sequence
from functools import cache

from .demonstrations import Demonstrations
from .generation import Conversation
from .methods import Ask, Method, load
from .prompts import PromptSet
from .tables import Row


def conversations(
    tasks: Sequence[Row],
    demonstrations: Demonstrations,
    prompt_set: str,
    answer_tokens: int,
    rationale_tokens: int,
    rationale_stop: Sequence[str],
) -> list[Conversation[str]]:
    """Return the conversation of each task, whose result is the text of the answer."""
    prompts = PromptSet(prompt_set)

    @cache
    def method_and_ask(name: str) -> tuple[Method, Ask]:
        method = load(name)
        shown = demonstrations[method.DEMONSTRATIONS] if method.DEMONSTRATIONS else []
        return method, Ask(prompts, answer_tokens, rationale_tokens, tuple(rationale_stop), shown)

    started = []
    for task in tasks:
        method, ask = method_and_ask(task["method"])
        started.append(method.answer(task, ask))
    return started
