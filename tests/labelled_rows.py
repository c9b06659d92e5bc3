"""Rows of LABELLED: answers that are what their label says, for tests of what is made of them."""

from collections.abc import Sequence
from typing import Any

from interexter.core.tables import Row
from interexter.scoring.judgements import judge
from interexter.text.labels import answer_given
from recall_rows import believed

SERIES = {
    "dataset": "vital",
    "model": "m",
    "checkpoint": "base",
    "condition": "clean",
    "method": "vanilla-rag",
    "prompt_set": "ours",
    "order": "given",
    "seed": 1,
}


def labelled(question_id: str, label: str, **other: Any) -> Row:
    """An answer with this label, whose other judgements agree with it as far as `other` does not say otherwise."""
    gold, counter = label == "gold", label == "counter"
    return {
        **SERIES,
        "question_id": question_id,
        "cluster": question_id,
        "relation": "capital",
        "popularity": 0.0,
        "answer_kind": "place",
        "seen": False,
        "contested": True,
        "gold_position": 0,
        "final_answer": "",
        "finished": label != "unfinished",
        "official": gold,
        "str_em": float(gold),
        "all_valid": gold,
        "detects_errors": False,
        "attacked": counter,
        "follows": counter,
        "strict": gold,
        "exact": gold,
        "f1": float(gold),
        "probability": None,
        "certified": None,
        "label": label,
        "label_by_mention": label,
        "keeps_memory": gold,
        **believed(other.get("closed_book_label", "gold")),
        "closed_book_probability": None,
        "state": "both",
        "passages_gold": False,
        "passages_counter": True,
        **other,
    }


def label_by_mention(text: str, gold: Sequence[str], counter: Sequence[str], **asked: Any) -> str:
    """The label by mentions that the judgement of an answer has; `asked` are the further arguments of answer_given."""
    answer, others = answer_given(text, gold, counter, **asked), asked.get("others", ())
    return judge(text, answer, gold, counter, closed_book=("neither", ""), others=others).label_by_mention
