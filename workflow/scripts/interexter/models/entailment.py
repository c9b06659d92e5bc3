"""Does one text follow from another? A model of natural language inference, asked in batches.

Two kinds of model are read: classifiers with a label that names entailment (any of the hub's models trained on
MNLI or the like), and T5 models that write "1" for entailment, as TRUE's (Honovich et al., NAACL 2022,
arXiv 2204.04991), which ALCE takes. Safetensors only, and no code that comes with a model.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core import hub_files
from ..core.errors import UserError
from .loading import load, quiet_transformers

Pair = tuple[str, str]  # premise, hypothesis
Verdict = tuple[float, bool]  # the probability of entailment, and whether it is the first choice

_DIGITS = 3  # of a probability: the last ones depend on what else is in a batch


class Entailment:
    """A model of natural language inference; `truncated` counts the pairs whose premise was cut to fit it."""

    def __init__(self, model: str, revision: str | None = None, device: str = "cpu", batch: int = 16) -> None:
        """Load a folder, or a hub repository at a revision; raise UserError if it is no such model."""
        transformers = quiet_transformers()
        options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
        folder = Path(model)
        if not folder.is_dir() and not revision:
            raise UserError(f"{model}: no such folder; a hub repository needs its revision, 40 hexadecimal digits.")
        if not folder.is_dir():
            folder = hub_files.snapshot(model, str(revision), hub_files.MODEL, "Or name a folder that holds it.")
        try:
            config = transformers.AutoConfig.from_pretrained(folder, **options)
            self._writes = bool(config.is_encoder_decoder)
            seq2seq, classifier = transformers.AutoModelForSeq2SeqLM, transformers.AutoModelForSequenceClassification
            kind = seq2seq if self._writes else classifier
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
            self._model = load(kind, folder, **options).to(device).eval()
        except (OSError, ValueError) as error:
            why = " ".join(str(error).split())[:300]
            raise UserError(
                f"{model}: not a model of natural language inference: {why}. Name a folder that holds one."
            ) from error
        self._entailment = None if self._writes else entailment_label(config.id2label, model)
        self._longest = None if self._writes else _longest(self._tokenizer, config)  # T5's positions are relative
        self._device, self._batch = device, batch
        self.truncated = 0

    def probabilities(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the probability of entailment for each pair, to three digits; a T5 model says 0 or 1."""
        return [value for value, _ in self._verdicts(pairs)]

    def entails(self, pairs: Sequence[Pair]) -> list[bool]:
        """Tell of each pair whether entailment is the model's first choice."""
        return [first for _, first in self._verdicts(pairs)]

    def _verdicts(self, pairs: Sequence[Pair]) -> list[Verdict]:
        """Judge each distinct pair once, those of about one length together."""
        distinct = sorted(set(pairs), key=lambda pair: (len(pair[0]) + len(pair[1]), pair))
        groups = (distinct[start : start + self._batch] for start in range(0, len(distinct), self._batch))
        found = {pair: verdict for group in groups for pair, verdict in self._judged(group)}
        return [found[pair] for pair in pairs]

    def _judged(self, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Verdict]]:
        import torch

        with torch.inference_mode():
            if self._writes:
                texts = [f"premise: {premise} hypothesis: {hypothesis}" for premise, hypothesis in pairs]
                encoded = self._tokenizer(texts, padding=True, return_tensors="pt").to(self._device)
                written = self._model.generate(**encoded, max_new_tokens=10, do_sample=False)
                said = self._tokenizer.batch_decode(written, skip_special_tokens=True)
                yield from zip(pairs, ((float(one.strip() == "1"), one.strip() == "1") for one in said), strict=True)
            else:
                first = [self._fitted(premise, hypothesis) for premise, hypothesis in pairs]
                second = [hypothesis for _, hypothesis in pairs]
                encoded = self._tokenizer(first, second, padding=True, return_tensors="pt").to(self._device)
                logits = self._model(**encoded).logits.float()
                values = logits.softmax(-1)[:, self._entailment].tolist()
                best = (logits.argmax(-1) == self._entailment).tolist()
                yield from zip(pairs, zip((round(v, _DIGITS) for v in values), best, strict=True), strict=True)

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


def entailment_label(labels: Mapping[int, str], model: str) -> int:
    """Return which of a classifier's labels is entailment, by their names; raise UserError unless exactly one is."""
    found = [number for number, name in labels.items() if name.casefold().startswith("entail")]
    if len(found) != 1:
        raise UserError(
            f"{model}: one label has to be named entailment, its config.json has {sorted(labels.values())}. Write "
            "them into `id2label` there as its authors describe them, or name a model of natural language inference."
        )
    return int(found[0])


def _longest(tokenizer: Any, config: Any) -> int | None:
    """Return the most tokens that a classifier takes, or None where nothing bounds them."""
    bounds = [tokenizer.model_max_length, getattr(config, "max_position_embeddings", None)]
    known = [bound for bound in bounds if bound and bound < 10**6]
    return min(known) if known else None
