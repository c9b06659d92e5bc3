"""Counter-memory: passages that a model writes for a claim, in a stated genre.

After the counter-memory of Xie et al. (ICLR 2024, arXiv 2305.13300) and the three genres of ConflictBank
(Su et al., NeurIPS 2024, arXiv 2408.12076): a model is given a question with an answer and writes
fluent evidence for it, without a source passage. What it wrote is kept only if it names the answer and
no answer of the other side. All passages for a question are those of one author: they count as one
source.
"""

from collections.abc import Sequence

from ...core.tables import Row
from ...engine.conversations import Conversation, Sampling
from ...engine.prompts import PromptSet
from ...text.stance import passage_holds
from ..drafts import Draft

GENRES = {"news": "a news report", "encyclopedia": "an encyclopedia", "book": "a book"}
SETTINGS = tuple(GENRES)
TEMPLATES = ("counter-memory",)
FREE = True

PASSAGES = 3  # asked for: the largest dose


def write(
    question: Row,
    answer: str,
    others: Sequence[str],
    stance: str,
    prompts: PromptSet,
    setting: str,
    max_tokens: int,
    seed: int,
) -> Conversation[tuple[Draft, ...]]:
    """Ask for passages that state `answer`: the first is greedy, the others are sampled with seeds of their own.

    `others` are the names of the other side, which no passage may hold.
    """
    samplings = [Sampling(max_tokens)]
    samplings += [Sampling(max_tokens, temperature=0.8, seed=(seed + i) % 2**31) for i in range(1, PASSAGES)]
    generations = yield [
        prompts.ask("counter-memory", sampling, question=question["question"], answer=answer, genre=GENRES[setting])
        for sampling in samplings
    ]
    drafts = (Draft("", " ".join(g.said.split()), None, stance) for g in generations)
    return tuple(d for d in drafts if _sound({"title": d.title, "text": d.text}, answer, others))


def _sound(passage: Row, answer: str, others: Sequence[str]) -> bool:
    return passage_holds(passage, [answer]) and not passage_holds(passage, others)
