"""From tasks to conversations: the same ones ask an engine and replay finished generations."""

from collections.abc import Mapping, Sequence
from functools import cache

import pyarrow as pa

from ..core.errors import UserError
from ..core.tables import Row, optional, table_schema
from ..engine.conversations import Conversation
from ..engine.published_prompts import open_prompts
from ..text.passages import PASSAGE
from .demonstrations import Demonstrations
from .methods import Ask, Method, load, shown_by, visible

TASKS = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    question=pa.string(),
    passages=pa.list_(PASSAGE),
    internal_document=pa.string(),
    state=pa.string(),
)

ANSWERS = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    text=pa.string(),  # everything the model wrote
    final_answer=pa.string(),
    prompt_tokens=pa.int32(),
    output_tokens=pa.int32(),
    log_probability=optional(pa.float64()),  # of the final answer; null where no single generation wrote it
)


def conversations(
    tasks: Sequence[Row],
    demonstrations: Demonstrations,
    prompt_sets: str | Mapping[str, str],
    answer_tokens: int,
    rationale_tokens: int,
    rationale_stop: Sequence[str] = (),
) -> list[Conversation[str]]:
    """Return the conversation of each task, whose result is the text of the answer.

    `prompt_sets` names one prompt set (see published.open_prompts), or one for each method.
    Raises UserError for a method whose demonstrations are not there.
    """
    prompts = cache(open_prompts)

    @cache
    def method_and_ask(name: str) -> tuple[Method, Ask]:
        method = load(name)
        style = shown_by(name)
        if style and style not in demonstrations:
            raise UserError(
                f"method {name!r} shows demonstrations of style {style!r}; there are {list(demonstrations)}."
            )
        shown = demonstrations[style] if style else []
        named = prompt_sets if isinstance(prompt_sets, str) else prompt_sets[name]
        return method, Ask(prompts(named), answer_tokens, rationale_tokens, tuple(rationale_stop), shown)

    started = []
    for task in tasks:
        method, ask = method_and_ask(task["method"])
        started.append(method.answer(visible(task, method), ask))
    return started
