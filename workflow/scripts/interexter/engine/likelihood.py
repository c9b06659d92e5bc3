"""How likely a model finds given texts after a prompt: nothing is generated.

One forward pass reads the prompt, a second one all texts after it. What is read together shares its matrix products,
whose last bits depend on how many rows there are: texts that come from elsewhere than the data, such as answers, are
read one by one, so that the likelihood of each depends on itself alone.
"""

import argparse
import copy
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..core.json_files import read_json
from ..models import weights
from ..models.loading import load_for_inference
from ..models.messages import Message
from ..models.tokenizer import Tokenizer


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
        self._opening: list[int] = []  # token ids of the opening that was read last
        self._opened: Any = None  # its cache

    def likelihoods(self, messages: Sequence[Message], texts: Sequence[str], together: bool = True) -> list[Likelihood]:
        """Return the likelihood of each text as the whole of what the assistant says after the messages."""
        prompt = self._tokenizer.prompt(messages)
        return self._read(prompt, [self._tokenizer.completion(text) for text in texts], together)

    def continuations(self, opening: str, begun: str, texts: Sequence[str]) -> list[Likelihood]:
        """Return the likelihood of each text as what a plain text without turns goes on with, each read by itself.

        The plain text is `opening` and `begun`. An opening is read once for all calls in a row that share it, but for
        a last token that the two have in common.
        """
        whole = self._tokenizer.beginning(opening + begun)
        pairs = zip(self._tokenizer.beginning(opening), whole[:-1], strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        said = [self._tokenizer.going_on(text) for text in texts]
        return self._read(whole[shared:], said, False, whole[:shared])

    def _read(
        self, prompt: Sequence[int], said: Sequence[Sequence[int]], together: bool, opening: Sequence[int] = ()
    ) -> list[Likelihood]:
        import torch

        if not said:
            return []
        length = len(opening) + len(prompt)
        with torch.inference_mode():
            read = self._pass(prompt, self._after_opening(opening))
            first = read.logits[0, -1].float().log_softmax(-1)
            batches = [said] if together else [[ids] for ids in said]
            return [
                _likelihood(ids, first, scores, length)
                for batch in batches
                for ids, scores in zip(batch, self._after(read.past_key_values, length, batch), strict=True)
            ]

    def _after_opening(self, opening: Sequence[int]) -> Any:
        """Return a cache of the opening to go on with; None where there is none."""
        if list(opening) != self._opening:
            self._opening = list(opening)
            self._opened = self._pass(opening, None).past_key_values if opening else None
        return copy.deepcopy(self._opened)

    def _pass(self, ids: Sequence[int], cache: Any) -> Any:
        """Read tokens after a cache, which grows by them; return the model's output with the last token's logits."""
        import torch

        shaped = torch.tensor([list(ids)], device=self._model.device)
        return self._model(shaped, past_key_values=cache, use_cache=True, logits_to_keep=1)

    def _after(self, cache: Any, length: int, texts: Sequence[Sequence[int]]) -> Any:
        """Return the log probabilities of the token after each token but the last of each text.

        The texts are read after the cache of a prompt of so many tokens. Shape (texts, tokens, vocabulary), float32.
        A shorter text is filled up at its end, where nothing before it looks.
        """
        import torch

        rows = [ids[:-1] for ids in texts]
        longest = max(map(len, rows))
        if not longest:  # texts of a token each: there is none after it
            return rows
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
