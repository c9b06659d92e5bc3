"""What a batch of prompts with a contrast saves, and how many texts it changes: `contrast.py --model FOLDER`.

Decodes the same prompts one by one and in batches, and prints a line for each size: prompts a second, and how many
texts have other tokens than those of batch 1. What is decoded together shares its matrix products, whose last bits
depend on how many rows there are; a text changes where two tokens are that near.
"""

import argparse
import random
import time
from pathlib import Path

from interexter.core.program import run
from interexter.engine.conversations import Contrast, Prompt, Sampling
from interexter.engine.logits import Decoded, decode
from interexter.models.loading import load_for_inference
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer

THINGS = ("river", "city", "element", "painter", "film", "mountain", "novel", "treaty", "engine", "festival")
WAYS = ("lies in", "was named after", "is known for", "was first seen in", "belongs to", "was made by")


def main() -> None:
    """Decode with every size of batch, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of a prepared model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32])
    args = parser.parse_args()
    tokenizer = Tokenizer(args.model)
    network = load_for_inference(args.model, args.device, args.dtype)
    asked = [prompt(number, args.tokens) for number in range(args.prompts)]
    first: list[list[int]] = []
    for size in args.batches:
        began = time.monotonic()
        texts = [
            tokens for i in range(0, len(asked), size) for tokens in written(network, tokenizer, asked[i : i + size])
        ]
        seconds = time.monotonic() - began
        first = first or texts
        changed = sum(one != other for one, other in zip(texts, first, strict=True))
        print(
            f"batch {size:3}: {len(asked) / seconds:8.2f} prompts a second, "
            f"{changed} of {len(asked)} texts ({changed / len(asked):.1%}) are not those of batch {args.batches[0]}",
            flush=True,
        )


def prompt(number: int, tokens: int) -> Prompt:
    """Return a question with three passages, of which the first says otherwise than the others."""
    drawn = random.Random(number)
    name = f"The {drawn.choice(THINGS)} of {''.join(drawn.choices('aeioulmnrst', k=6)).title()}"
    says = [f"{name} {way} {''.join(drawn.choices('aeioulmnrst', k=5)).title()}." for way in drawn.sample(WAYS, 3)]
    question = f"What is {name.lower()} known for? Answer in a sentence."
    shown = "\n".join([*(f"[{i}] {text}" for i, text in enumerate(says, 1)), question])
    contrast = Contrast((Message("user", question),), "cad", (("alpha", 1.0),))
    return Prompt((Message("user", shown),), Sampling(tokens), contrast)


def written(network: object, tokenizer: Tokenizer, asked: list[Prompt]) -> list[list[int]]:
    """Return the tokens that are written after each prompt of a batch."""
    rows = [Decoded(one, set(), tokenizer.plain_text) for one in asked]  # all of the same length
    contrasts = [one.contrast.messages for one in asked if one.contrast]
    decode(network, [tokenizer.prompt(p.messages) for p in asked], [tokenizer.prompt(c) for c in contrasts], rows)
    return [row.tokens for row in rows]


if __name__ == "__main__":
    run(main, job=False)
