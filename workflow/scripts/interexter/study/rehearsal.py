"""Conversations held with made-up texts, before any job: a template that names what nobody fills in is found then."""

from collections.abc import Iterable
from typing import Any

from ..answers import methods, recall
from ..answers.rationale_writing import Writing, synthesize
from ..core.errors import UserError
from ..core.tables import Row
from ..engine import prompts
from ..engine.conversations import MADE_UP, Conversation, Generation, Prompt
from ..text.evidence_states import STATES

ROUNDS = 8  # a method that asks until it is content is never content with made-up texts

QUESTION: Row = {"question_id": "q", "question": "What is the capital of Peru?", "answers": ["Lima"], "split": "test"}
PASSAGES = [
    {"title": "Peru", "text": "The capital of Peru is Lima.", "rank": rank, "stance": "supporting"} for rank in (1, 2)
]
TASK: Row = {**QUESTION, "internal_document": "Lima is the capital of Peru.", "passages": PASSAGES}
EXAMPLE: Row = {**TASK, "condition": "clean", "counter_aliases": ["Cusco"], "other_names": []}
DEMONSTRATION: Row = {"question": QUESTION["question"], "rationale": MADE_UP}


def of_method(name: str, prompt_set: str) -> str:
    """Return what is wrong with the prompts of a method, as a folder of templates has them; "" if nothing is."""
    method = methods.load(name)
    templates = prompts.PromptSet(prompt_set, prompts.FOLDER)
    ask = methods.Ask(templates, answer_tokens=1, rationale_tokens=1, demonstrations=[DEMONSTRATION])
    tasks = (TASK, {**TASK, "passages": []})  # oracle asks something else where there are none
    return _first_fault(method.answer(methods.visible(task, method), ask) for task in tasks)


def of_general(styles: Iterable[str], prompt_set: str) -> str:
    """As `of_method`, for what recall asks, and for how rationales of these styles are asked for."""
    templates = prompts.PromptSet(prompt_set, prompts.FOLDER)
    writing = Writing(templates, max_tokens=1, max_attempts=1, temperature=0.0, seed=0)
    conversations: list[Conversation[Any]] = [
        recall.recall(QUESTION, recall.Probing(templates, answer_tokens=1, document_tokens=1)),
        *(
            synthesize(EXAMPLE, {"state": state}, TASK["internal_document"], style, writing)
            for style in sorted(styles)
            for state in STATES
        ),
    ]
    return _first_fault(conversations)


def _first_fault(conversations: Iterable[Conversation[Any]]) -> str:
    return next(filter(None, map(_fault, conversations)), "")


def _fault(conversation: Conversation[Any]) -> str:
    """Return the fault that a conversation's prompts have, or the error that its method ends in."""
    try:
        asked = next(conversation)
        for _ in range(ROUNDS):
            asked = conversation.send([_made_up(prompt) for prompt in asked])
    except StopIteration:
        return ""
    except UserError as error:
        return str(error)
    return ""


def _made_up(prompt: Prompt) -> Generation:
    return Generation(prompt.prompt_id, MADE_UP, "stop", 1, 1, log_probability=-1.0, answer_tokens=1)
