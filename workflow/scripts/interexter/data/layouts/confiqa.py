"""ConFiQA (Bi et al. 2024, arXiv 2412.15280): Wikidata facts, true and counterfactual, with a context for each."""

import ast
from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, text_of, texts_of

ABOUT = About(
    title="ConFiQA: question answering (QA), multi-hop reasoning (MR) and multi-conflicts (MC)",
    source="https://github.com/byronBBL/Context-DPO, ConFiQA/ConFiQA-{QA,MR,MC}.json, arXiv 2412.15280",
    licence="not stated",
    checked="schema only",
    expected=(("orig_path_labeled",), ("orig_alias",), ("cf_alias",)),
    note="the relation is the property of the first hop",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its original and its counterfactual context."""
    subject, relation = _first_hop(record.get("orig_path_labeled"))
    counter = text_of(record, "cf_answer")
    answer = text_of(record, "orig_answer")
    yield Item(
        question=text_of(record, "question"),
        answers=list(dict.fromkeys([answer, *texts_of(record.get("orig_alias"))])),
        subject=subject,
        relation=relation,
        passages=[Text(text_of(record, "orig_context"), stance=SUPPORTING)],
        counter_answers=list(dict.fromkeys([counter, *texts_of(record.get("cf_alias"))])),
        counters=[Text(text_of(record, "cf_context"))],
    )


def _first_hop(path: object) -> tuple[str, str]:
    """Return subject and property of a path: a list of triples, or the text of one."""
    if isinstance(path, str):
        try:
            path = ast.literal_eval(path)  # literals only: nothing is run
        except (ValueError, SyntaxError):
            return "", ""
    match path:
        case [[subject, relation, _], *_] | [(subject, relation, _), *_]:
            return str(subject), str(relation)
    return "", ""
