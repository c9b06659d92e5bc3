"""Measure what the official accuracy rewards: texts that answer nothing, scored against a data set's test questions.

A sentence without content, and stretches of this project's licence, are taken as the answer to every question.
Three shares are printed: of gold answers found as substrings of the whole text, which is InstructRAG's accuracy;
found in it at the boundaries of words; and strict accuracy, which reads the final answer alone.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.core.tables import read_rows
from interexter.data.schemas import QUESTIONS
from interexter.scoring import judgements
from interexter.text import matching
from interexter.text.final_answers import final_answer
from interexter.text.labels import label_of

LICENCE = Path(__file__).parents[1] / "LICENSE"

EMPTY = (
    "After looking through all of the documents that were given, I could not find any information in them that is "
    "relevant to the question. Still, on the basis of what I know, I am able to give an answer to it."
)
LENGTH = 285  # words of a stretch, about those of a rationale


def main() -> None:
    """Read the questions, print a line for each kind of text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, required=True, help="questions.parquet of a data set")
    args = parser.parse_args()
    gold = [row["answers"] for row in read_rows(args.questions, QUESTIONS) if row["split"] == "test"]
    if not gold:
        raise UserError(f"{args.questions}: there are no test questions.")
    short = sum(any(len(answer) <= 2 for answer in answers) for answers in gold)
    print(f"questions={len(gold)} with_an_answer_of_two_characters_or_fewer={short / len(gold):.1%}")
    print("text                     official  at words' boundaries  strict")
    words = LICENCE.read_text().split()
    stretches = [" ".join(words[start : start + LENGTH]) for start in range(0, len(words) - LENGTH + 1, LENGTH)]
    for name, texts in (("sentence without content", [EMPTY]), (f"{LENGTH} words of a licence", stretches)):
        official, bounded, strict = (sum(found) / len(found) for found in zip(*_shares(texts, gold), strict=True))
        print(f"{name:<24} {official:>8.1%} {bounded:>21.1%} {strict:>7.1%}")


def _shares(texts: Sequence[str], gold: Sequence[Sequence[str]]) -> list[tuple[float, float, float]]:
    """Return the three shares of each text."""
    shares = []
    for text in texts:
        end = final_answer(text)
        found = [(judgements.official(text, g), matching.holds(text, g), label_of(end, g, ()) == "gold") for g in gold]
        official, bounded, strict = (sum(column) / len(found) for column in zip(*found, strict=True))
        shares.append((official, bounded, strict))
    return shares


if __name__ == "__main__":
    run(main, job=False)
