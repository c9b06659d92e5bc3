"""InstructRAG's data sets (Wei et al., ICLR 2025, arXiv 2406.13629): DATASET/{train,test,demos}.json.

A file is one array of {question, answers, qa_pairs, rationale, ctxs: [{id, title, text, score}]}.
`score` is a number or a text. `qa_pairs` (ASQA) asks for several things; their short answers are then the
gold answers, because `answers` holds a whole paragraph that no other text repeats. The authors' prompts that show the
answers show this paragraph, so it is kept beside.
"""

from collections.abc import Iterator

from ...core.tables import Row
from . import DEMONSTRATION, About, Item, Text, Unusable, answers_of, number_of, objects_of, text_of, texts_of

ABOUT = About(
    title="InstructRAG: PopQA, TriviaQA, Natural Questions, ASQA, 2WikiMultiHopQA with retrieved passages",
    source="https://github.com/weizhepei/InstructRAG, arXiv 2406.13629; questions alone: hub meng-lab/InstructRAG",
    licence="MIT (repository); each data set keeps its own",
    checked="real files: demos.json of PopQA and ASQA; train.json and test.json by the schema",
    files=("train.json", "test.json", "demos.json"),
    split="",
    contradicts=False,
    expected=(("ctxs",),),
    optional=("train.json", "demos.json"),
)

# Questions and passages for each question as the paper states them.
PUBLISHED = {
    "PopQA": {"train": 12868, "test": 1399, "passages": 5},
    "TriviaQA": {"train": 78785, "test": 11313, "passages": 5},
    "NaturalQuestions": {"train": 79168, "test": 3610, "passages": 5},
    "ASQA": {"train": 4353, "test": 948, "passages": 5},
    "2WikiMultiHopQA": {"train": 167454, "test": 12576, "passages": 10},
}

_SPLITS = {"train": "train", "test": "test", "demos": DEMONSTRATION}


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its retrieved passages, in the order of the file."""
    parts = [
        (text_of(pair, "question"), answers_of(pair, "answers", "short_answers"))
        for pair in objects_of(record, "qa_pairs")
    ]
    answers = list(dict.fromkeys(answer for _, short in parts for answer in short))
    yield Item(
        question=text_of(record, "question"),
        answers=answers or answers_of(record, "answers"),
        long_answers=texts_of(record.get("answers")) if answers else [],
        split=_SPLITS.get(part, ""),
        passages=[_text(context) for context in objects_of(record, "ctxs")],
        parts=parts,
        rationale=str(record.get("rationale") or ""),
    )


def _text(context: Row) -> Text:
    try:
        score = None if context.get("score") in (None, "") else number_of(context, "score")
    except Unusable as why:
        raise Unusable("malformed-passage", why.detail) from None
    return Text(text_of(context, "text"), str(context.get("title") or "").strip(), score)
