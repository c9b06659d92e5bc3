"""Counter-passages that a model writes: the conversations, one for each question, and what becomes of them."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from ..core.identity import row_random, row_seed
from ..core.tables import Row, rejection
from ..engine.conversations import Conversation
from ..engine.prompts import PromptSet
from ..text.stance import COUNTER, GOLD, SUPPORTING
from . import substitution
from .candidates import Plausible
from .counters import Memory, contradicted, counter_row
from .drafts import Alternative, Injection, Pools, Refusal
from .injectors import counter_memory


class Asked(NamedTuple):
    """The conversations that write passages, by question_id, and the rows of REJECTED_COUNTERS."""

    conversations: dict[str, Conversation[Row]]  # the result of each is a row of COUNTERS
    rejected: list[Row]


def ask(
    questions: Sequence[Row],
    pools: Mapping[str, Pools],
    kind: str,
    prompts: PromptSet,
    max_tokens: int,
    seed: int,
    memory: Memory | None = None,
    name: str = "",
    chosen: Plausible | None = None,
) -> Asked:
    """Return a conversation for each question that has a counter-answer, and why the others have none.

    `name` is the draw's: the kind if it is not given. With `chosen`, the counter-answer is the plausible one.
    """
    asked = Asked({}, [])
    for question in questions:
        question_id = question["question_id"]
        pool = pools[question["split"]]
        against = contradicted(question, pool, memory)
        if not isinstance(against, Refusal):
            rng = row_random(seed, f"counters/{kind}", question_id)
            counter = against.wrong or _counter(question, pool, chosen, rng)
        else:
            counter = against
        if isinstance(counter, Refusal) or isinstance(against, Refusal):
            asked.rejected.append({"draw": name or kind, **rejection(question_id, *counter[:2])})
        else:
            told = _written(name or kind, question, counter, against.contradicts, kind, prompts, max_tokens, seed)
            asked.conversations[question_id] = told
    return asked


def _counter(question: Row, pools: Pools, chosen: Plausible | None, rng: Random) -> Alternative | Refusal:
    """Draw a counter-answer, or take the plausible one."""
    own = pools if chosen is None else chosen.pools(question, pools)
    return own if isinstance(own, Refusal) else substitution.choose(question, own.same_relation(question), rng)


def _written(
    draw: str,
    question: Row,
    counter: Alternative,
    contradicts: str,
    kind: str,
    prompts: PromptSet,
    max_tokens: int,
    seed: int,
) -> Conversation[Row]:
    """Have passages written for a question's counter-answer or, against a wrong memory, for its gold answer."""
    question_id, gold = question["question_id"], question["answers"]
    answer, others, stance = counter.answer, gold, COUNTER
    if contradicts != GOLD:
        answer, others, stance = gold[0], counter.aliases, SUPPORTING
    row, genre = row_seed(seed, f"counters/{kind}/passages", question_id), kind.partition(".")[2]
    drafts = yield from counter_memory.write(question, answer, others, stance, prompts, genre, max_tokens, row)
    injection = Injection(counter.answer, counter.aliases, drafts)
    return counter_row(draw, question_id, injection, kind, seed, contradicts)
