"""Micro-batches: how rows of tokens become tensors, and what each token weighs in the loss.

Unpadded, the examples of a micro-batch lie end to end with positions that start anew, and attention does not cross
them; padded, each has a row of its own, filled on the right: causal attention needs no mask for that. The loss of a
step is the sum of weight x negative log-likelihood over the step's tokens, divided by the sum of its weights, whatever
the ranks, accumulation and layout.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

from ..core.tables import Row
from .examples import labels_of
from .packing import packs

# Of a micro-batch, and summed over a step; cells are tokens and padding together.
FIGURES = ("examples", "tokens", "cells", "squared_lengths", "supervised", "weight")

Unit = dict[str, list[int]]  # input_ids and labels of one or more examples end to end, and their lengths


def units(rows: Sequence[Row], capacity: int | None = None) -> list[Unit]:
    """Return a unit for each row, or with a capacity (tokens) packs of rows."""
    places = packs([len(row["input_ids"]) for row in rows], capacity) if capacity else [[n] for n in range(len(rows))]
    return [
        {
            "input_ids": [token for place in pack for token in rows[place]["input_ids"]],
            "labels": [label for place in pack for label in labels_of(rows[place])],
            "lengths": [len(rows[place]["input_ids"]) for place in pack],
        }
        for pack in places
    ]


@dataclass(frozen=True)
class Collator:
    """Make a micro-batch of units: model inputs, `weights` (rows, tokens) and `figures` (one number per FIGURES)."""

    pad_token: int
    padded: bool
    weighting: str  # token | example

    def __call__(self, batch: Sequence[Unit]) -> dict[str, Any]:
        """Return the tensors of a micro-batch."""
        examples = [example for unit in batch for example in _examples(unit)]
        weights = [self._weights(labels) for _, labels in examples]
        lengths = [len(ids) for ids, _ in examples]
        figures = [
            len(examples),
            sum(lengths),
            len(lengths) * max(lengths) if self.padded else sum(lengths),
            sum(length * length for length in lengths),
            sum(label != -100 for _, labels in examples for label in labels),
            sum(map(sum, weights)),
        ]
        lay = _padded if self.padded else _end_to_end
        return {
            "input_ids": lay([ids for ids, _ in examples], self.pad_token),
            "labels": lay([labels for _, labels in examples], -100),
            "weights": lay(weights, 0.0),
            "figures": torch.tensor(figures, dtype=torch.float64),
            **({} if self.padded else _boundaries(lengths)),
        }

    def _weights(self, labels: list[int]) -> list[float]:
        """Return each token's weight: 1, or 1 over the tokens of its example that count."""
        each = 1.0 if self.weighting == "token" else 1.0 / sum(label != -100 for label in labels)
        return [each if label != -100 else 0.0 for label in labels]


def _examples(unit: Unit) -> list[tuple[list[int], list[int]]]:
    ends = list(accumulate(unit["lengths"]))
    cuts = [slice(end - length, end) for end, length in zip(ends, unit["lengths"], strict=True)]
    return [(unit["input_ids"][cut], unit["labels"][cut]) for cut in cuts]


def _end_to_end(values: Sequence[Sequence[float]], _: float) -> torch.Tensor:
    return torch.tensor([[value for row in values for value in row]])


def _padded(values: Sequence[Sequence[float]], filler: float) -> torch.Tensor:
    longest = max(map(len, values))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in values])


def _boundaries(lengths: Sequence[int]) -> dict[str, Any]:
    """Return positions that start anew with each example, and the examples' ends for FlashAttention and ours.

    There is no mask: where there is one, or a cache, the library takes the micro-batch for one long example.
    """
    ends = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
    return {
        "position_ids": torch.tensor([[place for length in lengths for place in range(length)]]),
        "cu_seq_lens_q": ends,
        "cu_seq_lens_k": ends,
        "max_length_q": max(lengths),
        "max_length_k": max(lengths),
        "lengths": list(lengths),
    }
