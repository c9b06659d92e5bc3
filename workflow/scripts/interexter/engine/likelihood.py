"""How likely a model finds given texts after a prompt: nothing is generated.

One forward pass reads the prompt, a second one all texts after it. What is read together shares its matrix products,
whose last bits depend on how many rows there are: texts that come from elsewhere than the data, such as answers, are
read one by one, so that the likelihood of each depends on itself alone.
"""

import argparse
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..core.json_files import read_json
from ..models import weights
from ..models.messages import Message
from ..models.tokenizer import Tokenizer
from .loading import load_for_inference


class Likelihood(NamedTuple):
    """How likely one text is."""

    log_probability: float  # natural logarithm, summed over the text's tokens and, where there are turns, its end
    tokens: int  # that of the end counted
    prompt_tokens: int


class Reader:
    """A model that reads."""

    def __init__(self, folder: Path, device: str, dtype: str) -> None:
        """Load a model folder; `device` is cpu or cuda, `dtype` as LogitsSettings has it."""
        self._tokenizer = Tokenizer(folder)
        self._model = load_for_inference(folder, device, dtype)

    def likelihoods(self, messages: Sequence[Message], texts: Sequence[str], together: bool = True) -> list[Likelihood]:
        """Return the likelihood of each text as the whole of what the assistant says after the messages."""
        prompt = self._tokenizer.prompt(messages)
        return self._read(prompt, [self._tokenizer.completion(text) for text in texts], together)

    def continuations(self, begun: str, texts: Sequence[str], together: bool = True) -> list[Likelihood]:
        """Return the likelihood of each text as what a plain text without turns goes on with."""
        begun_ids = self._tokenizer.beginning(begun)
        return self._read(begun_ids, [self._tokenizer.going_on(text) for text in texts], together)

    def _read(self, prompt: Sequence[int], said: Sequence[Sequence[int]], together: bool) -> list[Likelihood]:
        import torch

        if not said:
            return []
        with torch.inference_mode():
            read = self._model(
                torch.tensor([list(prompt)], device=self._model.device), use_cache=True, logits_to_keep=1
            )
            first = read.logits[0, -1].float().log_softmax(-1)
            batches = [said] if together else [[ids] for ids in said]
            return [
                _likelihood(ids, first, scores, len(prompt))
                for batch in batches
                for ids, scores in zip(batch, self._after(read.past_key_values, len(prompt), batch), strict=True)
            ]

    def _after(self, cache: Any, length: int, texts: Sequence[Sequence[int]]) -> Any:
        """Return the log probabilities of the token after each token but the last of each text.

        The texts are read after the cache of a prompt of so many tokens. Shape (texts, tokens, vocabulary), float32.
        A shorter text is filled up at its end, where nothing before it looks.
        """
        import torch

        rows = [ids[:-1] for ids in texts]
        longest = max(map(len, rows))
        device = self._model.device
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=device)
        mask = torch.tensor([[1] * (length + len(row)) + [0] * (longest - len(row)) for row in rows], device=device)
        shared = copy.deepcopy(cache)
        shared.batch_repeat_interleave(len(rows))
        positions = torch.arange(length, length + longest, device=device).expand(len(rows), -1)
        read = self._model(ids, attention_mask=mask, position_ids=positions, past_key_values=shared, use_cache=True)
        return read.logits.float().log_softmax(-1)


def _likelihood(ids: Sequence[int], first: Any, later: Any, prompt_tokens: int) -> Likelihood:
    """Add the log probabilities of a text's tokens: its first after the prompt, the others after one another."""
    after = (float(later[i, token]) for i, token in enumerate(ids[1:]))
    return Likelihood(float(first[ids[0]]) + sum(after), len(ids), prompt_tokens)


def add_reader_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which model reads, and on what."""
    parser.add_argument("--model", type=Path, required=True, help="folder of the weights")
    parser.add_argument("--manifest", type=Path, required=True, help="the model's manifest")
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--dtype", required=True, help="of the weights in memory")
    parser.add_argument("--gpus", type=int, required=True, help="GPUs granted to this job")


def open_reader(args: argparse.Namespace) -> Reader:
    """Load the model that the arguments name.

    Raises UserError if it is to run on a GPU and none was granted, and if its files are not those of its manifest.
    """
    if args.device == "cuda" and not args.gpus:
        raise UserError("device is cuda and no GPU was granted: run with --resources gpu=1, or set device: cpu.")
    weights.check(args.model, read_json(args.manifest, "weights_id")["weights_id"])
    return Reader(args.model, args.device, args.dtype)
