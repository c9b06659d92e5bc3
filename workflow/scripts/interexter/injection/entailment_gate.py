"""Natural language inference as a gate: what a model says that a passage entails, for both sides.

ConflictQA (Xie et al., ICLR 2024, arXiv 2305.13300) and ConflictBank (Su et al., NeurIPS 2024, arXiv
2408.12076) keep evidence only where such a model finds that it entails its claim. Here it is asked both
ways of every passage that a condition brings in and that takes a side: it has to entail that side's
answer, and must not entail the other's. The model is the config's: any that classifies pairs of texts and
names one of its labels `entailment`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..core.tables import Row, rejection
from ..text.stance import COUNTER, SUPPORTING, brought

Pair = tuple[str, str]  # premise, hypothesis
Entails = Callable[[Sequence[Pair]], Sequence[float]]  # the probability of entailment of each pair

_DIGITS = 3  # of a probability: the last ones depend on what else is in a batch


class Setting(NamedTuple):
    """How the gate judges: `gates.nli` of the config."""

    model: str  # a repository of the hub, or a folder
    revision: str | None = None  # a commit of the repository
    threshold: float = 0.5  # the least probability that counts as entailment
    batch: int = 32  # pairs judged at a time


class Model:
    """A loaded model of pairs of texts."""

    def __init__(self, setting: Setting, device: str) -> None:
        """Load it; raise UserError if it cannot be had or has no label of entailment. No code of a model's is run."""
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        name = setting.model
        options: dict[str, Any] = {"trust_remote_code": False}
        if Path(name).is_dir():
            options["local_files_only"] = True
        elif setting.revision is None:
            raise UserError(f"gates.nli.model {name}: pin it: gates.nli.revision, a commit of its repository.")
        else:
            options |= {"revision": setting.revision, "cache_dir": ".cache/hub"}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name, **options)
            model = AutoModelForSequenceClassification.from_pretrained(name, use_safetensors=True, **options)
        except (OSError, ValueError) as error:
            why = " ".join(str(error).split())[:300]
            raise UserError(f"gates.nli.model {name}: not to be had: {why}. Name a folder that holds it.") from error
        self._model = model.to(device).eval()
        self._entailment = entailment_label(model.config.id2label, name)
        self._longest = min(self._tokenizer.model_max_length, model.config.max_position_embeddings)
        self._batch = setting.batch

    def __call__(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the probability of entailment for each pair; of one that is too long the longer text loses its end."""
        import torch

        order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][0]), pairs[i]))  # little padding
        found = [0.0] * len(pairs)
        for start in range(0, len(order), self._batch):
            places = order[start : start + self._batch]
            read: Any = self._tokenizer(
                [pairs[i][0] for i in places],
                [pairs[i][1] for i in places],
                truncation=True,
                max_length=self._longest,
                padding=True,
                return_tensors="pt",
            )
            with torch.inference_mode():
                logits = self._model(**read.to(self._model.device)).logits.float()
            for i, probability in zip(places, logits.softmax(-1)[:, self._entailment].tolist(), strict=True):
                found[i] = round(probability, _DIGITS)
        return found


def entailment_label(labels: dict[int, str], model: str) -> int:
    """Return which of a model's labels is entailment, by their names; raise UserError unless exactly one is."""
    found = [place for place, name in labels.items() if name.casefold().startswith("entail")]
    if len(found) != 1:
        raise UserError(
            f"gates.nli.model {model}: one label has to be named entailment, its config.json has "
            f"{list(labels.values())}. Correct id2label there, or name a model of natural language inference."
        )
    return int(found[0])


def claim(question: str, answer: str) -> str:
    """Return what a passage has to entail to support an answer to a question."""
    return f'The answer to the question "{question}" is {answer}.'


def screen(examples: Sequence[Row], entails: Entails, threshold: float) -> tuple[list[Row], list[Row]]:
    """Return the examples whose passages entail their own side and not the other, and rows of REJECTED for the rest."""
    wanted: dict[Pair, float] = {}
    for example in examples:
        for passage in filter(_takes_side, example["passages"]):
            wanted |= dict.fromkeys(_pairs(example, passage), 0.0)
    judged = dict(zip(wanted, entails(list(wanted)), strict=True))
    kept, rejected = [], []
    for example in examples:
        if fault := _fault(example, judged, threshold):
            rejected.append(rejection(example["question_id"], *fault))
        else:
            kept.append(example)
    return kept, rejected


def _takes_side(passage: Row) -> bool:
    return brought(passage) and passage["stance"] in (COUNTER, SUPPORTING)


def _pairs(example: Row, passage: Row) -> tuple[Pair, Pair]:
    """Return a passage with the claim of its own side, and with that of the other."""
    said = f"{passage['title']}\n{passage['text']}".strip()
    sides = [claim(example["question"], answer) for answer in (example["answers"][0], example["counter_answer"])]
    own, other = sides if passage["stance"] == SUPPORTING else reversed(sides)
    return (said, own), (said, other)


def _fault(example: Row, judged: dict[Pair, float], threshold: float) -> tuple[str, str] | None:
    for passage in filter(_takes_side, example["passages"]):
        own, other = _pairs(example, passage)
        where = f"passage {passage['passage_id']} (rank {passage['rank']}, {passage['title']!r})"
        if judged[own] < threshold:
            return "not-entailed", f"{where}: {own[1]!r} with a probability of {judged[own]}"
        if judged[other] >= threshold:
            return "other-entailed", f"{where}: {other[1]!r} with a probability of {judged[other]}"
    return None
