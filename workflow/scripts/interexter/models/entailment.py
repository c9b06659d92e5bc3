"""Does one text follow from another? A model of natural language inference, asked in batches.

Two kinds of model are read: classifiers whose labels name entailment (any of the hub's models trained on
MNLI or the like), and T5 models that write "1" for entailment, as TRUE's (Honovich et al., NAACL 2022,
arXiv 2204.04991), which ALCE takes. Safetensors only, and no code that comes with a model.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import UserError

ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"

Pair = tuple[str, str]  # premise, hypothesis


class Entailment:
    """A model of natural language inference; `truncated` counts the pairs whose premise was cut to fit it."""

    def __init__(self, model: str, revision: str | None = None, device: str = "cpu", batch: int = 16) -> None:
        """Load a folder, or a hub repository at a revision; raise UserError if it is no such model."""
        import transformers

        transformers.utils.logging.set_verbosity_error()
        pinned = {} if Path(model).is_dir() else {"revision": revision}
        if pinned and not revision:
            raise UserError(f"{model}: no such folder; a hub repository needs its revision, 40 hexadecimal digits.")
        try:
            config = transformers.AutoConfig.from_pretrained(model, **pinned)
            self._writes = bool(config.is_encoder_decoder)
            seq2seq, classifier = transformers.AutoModelForSeq2SeqLM, transformers.AutoModelForSequenceClassification
            kind = seq2seq if self._writes else classifier
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(model, **pinned)
            self._model = kind.from_pretrained(model, use_safetensors=True, **pinned).to(device).eval()
        except (OSError, ValueError) as error:
            why = str(error).splitlines()[0]
            raise UserError(f"{model}: not a model of natural language inference: {why}") from error
        self._relations = {} if self._writes else relations(model, config.id2label)
        self._longest = None if self._writes else _longest(self._tokenizer, config)  # T5's places are relative
        self._device, self._batch = device, batch
        self.truncated = 0

    def judge(self, pairs: Sequence[Pair]) -> list[str]:
        """Return the relation of each pair: ENTAILMENT, NEUTRAL or CONTRADICTION; a T5 model tells no contradiction.

        Each distinct pair is judged once, those of about one length together.
        """
        distinct = sorted(set(pairs), key=lambda pair: (len(pair[0]) + len(pair[1]), pair))
        groups = (distinct[start : start + self._batch] for start in range(0, len(distinct), self._batch))
        found = {pair: relation for group in groups for pair, relation in self._judged(group)}
        return [found[pair] for pair in pairs]

    def entails(self, pairs: Sequence[Pair]) -> list[bool]:
        """Tell of each pair whether the premise entails the hypothesis."""
        return [relation == ENTAILMENT for relation in self.judge(pairs)]

    def _judged(self, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, str]]:
        import torch

        with torch.inference_mode():
            if self._writes:
                texts = [f"premise: {premise} hypothesis: {hypothesis}" for premise, hypothesis in pairs]
                encoded = self._tokenizer(texts, padding=True, return_tensors="pt").to(self._device)
                written = self._model.generate(**encoded, max_new_tokens=10, do_sample=False)
                said = self._tokenizer.batch_decode(written, skip_special_tokens=True)
                yield from zip(pairs, (ENTAILMENT if one.strip() == "1" else NEUTRAL for one in said), strict=True)
            else:
                first = [self._fitted(premise, hypothesis) for premise, hypothesis in pairs]
                second = [hypothesis for _, hypothesis in pairs]
                encoded = self._tokenizer(first, second, padding=True, return_tensors="pt").to(self._device)
                best = self._model(**encoded).logits.argmax(-1).tolist()
                yield from zip(pairs, (self._relations[place] for place in best), strict=True)

    def _fitted(self, premise: str, hypothesis: str) -> str:
        """Return a premise, its end cut off where it does not fit beside its hypothesis."""
        if self._longest is None:
            return premise
        around = len(self._tokenizer("", hypothesis)["input_ids"])
        encoded = self._tokenizer(premise, add_special_tokens=False, return_offsets_mapping=True)
        room = self._longest - around
        if len(encoded["input_ids"]) <= room:
            return premise
        if room < 1:
            raise UserError(f"a hypothesis of {around} tokens leaves no room for a premise within {self._longest}.")
        self.truncated += 1
        return premise[: encoded["offset_mapping"][room - 1][1]]


def relations(model: str, labels: Mapping[int, str]) -> dict[int, str]:
    """Return the relation that each label of a classifier stands for; raise UserError if none is entailment."""
    found = {place: _relation(label.casefold().replace(" ", "_")) for place, label in labels.items()}
    if ENTAILMENT not in found.values():
        raise UserError(
            f"{model}: none of its labels {sorted(labels.values())} names entailment. Write them into `id2label` of "
            "its config.json, as its authors describe them."
        )
    return found


def _relation(label: str) -> str:
    if label.startswith(("not_", "non_", "no_")):
        return NEUTRAL
    return ENTAILMENT if label.startswith("entail") else CONTRADICTION if label.startswith("contradict") else NEUTRAL


def _longest(tokenizer: Any, config: Any) -> int | None:
    """Return the most tokens that a classifier takes, or None where nothing bounds them."""
    bounds = [tokenizer.model_max_length, getattr(config, "max_position_embeddings", None)]
    known = [bound for bound in bounds if bound and bound < 10**6]
    return min(known) if known else None
