"""What another system needs to answer what a method is asked: question, passages in order, the method's messages."""

from collections.abc import Iterator

from ..core.errors import UserError
from ..core.tables import Row
from ..engine.conversations import MADE_UP, Generation, Prompt
from .answering import Interview
from .examples_shown import example_id, passages_shown
from .methods import Ask, Method, visible


def questions_for(interview: Interview, method: str, seed: int) -> Iterator[Row]:
    """Yield a row for each example that `method` of an interview would be asked; no answer is in it.

    Raises UserError for a method that is more than one prompt: its later prompts depend on what is answered to the
    first, so nobody else can be asked for them.
    """
    module, ask = interview.methods[method]
    for example, fault in interview.tasks():
        if fault:
            continue
        prompt = only_prompt(method, module, example, ask)
        yield {
            "example_id": example_id(example),
            "question_id": example["question_id"],
            "condition": example["condition"],
            "seed": seed,
            "question": example["question"],
            "passages": passages_shown(example),
            "method": method,
            "messages": [message._asdict() for message in prompt.messages],
            "max_tokens": prompt.sampling.max_tokens,
            "stop": list(prompt.sampling.stop),
        }


def only_prompt(name: str, method: Method, task: Row, ask: Ask) -> Prompt:
    """Return the one prompt of a method; raise UserError where it has several, or one that is read beside another."""
    if prompt := one_prompt(method, task, ask):
        return prompt
    raise UserError(
        f"method {name!r} is more than one prompt, so it cannot be put into a file of questions; take another, such as "
        "vanilla-rag, instructrag-icl or interexter-icl."
    )


def one_prompt(method: Method, task: Row, ask: Ask) -> Prompt | None:
    """Return the one prompt of a method; None where it has several, none, or one that is read beside another."""
    conversation = method.answer(visible(task, method), ask)
    prompts = next(conversation, [])
    if len(prompts) == 1 and prompts[0].contrast is None:
        try:
            conversation.send([Generation(prompts[0].prompt_id, MADE_UP, "stop", 0, 0)])
        except StopIteration:
            return prompts[0]
    conversation.close()
    return None
