"""The words of the report with their definitions: shown where a word stands, and in the glossary at the page's end."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from ..scoring.metrics import METRICS


class Entry(NamedTuple):
    """A word: its id on the page, and what it means."""

    id: str
    means: str


TERMS = {
    "gold answer": "An answer that the data set holds to be right, with all its aliases.",
    "counter-answer": "A wrong answer of the same kind as the right one, which injected passages speak for.",
    "counter-passage": "A passage that speaks for the counter-answer.",
    "injected passage": "A passage that the study put among the retrieved ones.",
    "condition": "A setting of what is injected and where; every method answers under every one.",
    "control": "The condition that another is compared with: the same questions and counter-answers, nothing injected.",
    "placebo": "An injected passage that speaks for no answer: it tells the effect of more text from that of conflict.",
    "closed-book": "Answered without passages, from what the model remembers.",
    "memory": "What the base model\u2019s closed-book answers to a question agree on.",
    "internal document": "What the base model writes about a question from memory, as a passage.",
    "evidence state": "Where a gold answer stands: in the internal document and the passages (both), in one of them "
    "(internal, external), or nowhere (neither).",
    "label": "Which side the final answer of a text takes: gold, counter, both, neither, abstain or unfinished.",
    "rationale": "A text that explains which passages speak for which answer, and why one is given.",
    "checkpoint": "The weights that answered: the base model\u2019s, or those that a recipe trained.",
    "series": "The answers of one checkpoint by one method.",
    "reference method": "The method that all others are compared with, of the base model.",
    "95% interval": "Values that the data do not rule out: Wilson\u2019s for a share, Tango\u2019s for a difference; "
    "questions about one entity count together.",
    "percentage points": "The difference of two percentages: 30% is 10 points more than 20%.",
    "p": "How often a difference as large would come by chance if there were none.",
    "Holm": "A correction of p for the number of comparisons: the chance of even one false alarm stays below 5%.",
    "Benjamini and Hochberg": "A correction of p for the number of comparisons: of those that hold, 5% are expected "
    "to be false alarms.",
    "McNemar": "An exact test of paired answers, which looks at the questions that only one side got right.",
    "mixture": "Answering now closed-book and now by the reference method, at a fixed rate: what anyone can have "
    "without reading better.",
    "clean tax": "What a method costs where nothing is injected: the reference\u2019s strict accuracy minus the "
    "method\u2019s, on the questions of both.",
    "detectable": "The least difference that so many questions show with a power of 80%.",
    "h": "Cohen\u2019s h, the size of a difference of two shares: 0.2 is small, 0.5 middling, 0.8 large.",
    "odds ratio": "Of the questions that only one side got right, how many the first did for each of the second.",
    "recall@k": "The share of questions with a supporting passage among the first k.",
    "MRR": "Mean reciprocal rank: 1 where the first passage supports, 1/2 where the second is the first to, and so on.",
    "nDCG": "How well supporting passages are ranked, against the best order of those that were found.",
    "AUC": "How often a gold answer is likelier than a counter-answer, of all pairs; one half is chance.",
    "gate": "A check that an example has to pass to be asked.",
    "held-out loss": "The loss on rows kept out of training: it rises where a model learns its rows by heart.",
    "MFU": "Model FLOPs utilization: the share of what the device can compute that training did compute.",
}
_NO_FORMULA = {  # metrics that are no ratio of sums
    "citation_recall": "Share of statements that the passages they cite entail.",
    "citation_precision": "Share of citations that their statement needs.",
    "brier": "Mean squared distance of the probability of an answer from whether it is right; 0 is best.",
    "ece": "Mean distance of probability from accuracy, over answers of like probability; 0 is best.",
    "aurc": "Mean error over all shares of the surest answers; 0 is best.",
}

_OF_THE_CODE = re.compile(r" \(labels\.\w+\)| Source: .*|`")  # what of a docstring is for readers of the code


@cache
def entries() -> Mapping[str, Entry]:
    """Return the words and the titles of the metrics, in alphabetical order; a metric means what its formula says."""
    means = dict(TERMS)
    for name, metric in METRICS.items():
        said = (metric.compute.__doc__ or "").split("\n\n")[0] if metric.compute else _NO_FORMULA.get(name, "")
        if said:
            means[metric.title] = _OF_THE_CODE.sub("", " ".join(said.split()))
    named = {word: Entry(f"term-{re.sub(r'[^a-z0-9]+', '-', word.lower()).strip('-')}", means[word]) for word in means}
    return dict(sorted(named.items(), key=lambda item: item[0].lower()))
