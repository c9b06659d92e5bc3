"""DynamicQA (Marjanovic et al., Findings of EMNLP 2024, arXiv 2407.17023): a Wikipedia passage with a slot.

The answer's place in `context` is `[ENTITY]`: filled with `obj` it supports the gold answer, with `replace_name`
the counter-answer. Disputable facts have no slot: their context says `obj`, and the counter-passage has `replace_name`
in its place. Their answers keep the comma or full stop that they were cut out with. Static and temporal passages
still name the answer elsewhere in 5 to 22 of 100 rows: screening finds them.
"""

from collections.abc import Iterator

from ...core.tables import Row
from ...text import matching
from ...text.stance import SUPPORTING
from . import About, Item, Text, Unusable, list_of, number_of, text_of, texts_of

ABOUT = About(
    title="DynamicQA: static, temporal and disputable facts",
    source="https://github.com/copenlu/dynamicqa, Data/{Static,Temporal,Disputable}_final.csv, arXiv 2407.17023",
    licence="not stated",
    checked="real files: the first 120 of Temporal_final.csv, 80 of Disputable_final.csv; Static by the schema",
    files=("Static_final.csv", "Temporal_final.csv", "Disputable_final.csv"),
    optional=("Disputable_final.csv",),
    expected=(("subj",), ("s_pop",)),
    note="the relation is `prop`; popularity is `s_pop`",
)

_SLOT = "[ENTITY]"
_MARKS = ".,;:"  # at the end of an answer: those of the sentence


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question and fill the slot of its passage with both answers."""
    answer, counter = (text_of(record, key).rstrip(_MARKS) for key in ("obj", "replace_name"))
    context = text_of(record, "context")
    aliases = list_of(record, "possible_answers")  # a text that is none would lose gold answers unseen
    subject = str(record.get("subj") or "")
    yield Item(
        question=text_of(record, "question"),
        answers=list(dict.fromkeys([answer, *texts_of(aliases)])),
        subject=subject,
        relation=str(record.get("prop") or part.removesuffix("_final").lower()),
        popularity=number_of(record, "s_pop"),
        passages=[Text(_filled(context, answer, answer), subject, stance=SUPPORTING)],
        counter_answers=[counter],
        counters=[Text(_filled(context, answer, counter), subject)],
    )


def _filled(context: str, answer: str, said: str) -> str:
    """Return a context that says an answer in the slot, or, where it has none, in the place of the gold answer."""
    if _SLOT in context:
        return context.replace(_SLOT, said)
    spans = matching.mentions(context, [answer])
    if not spans:
        raise Unusable("no-slot", f"the context has no {_SLOT} and does not say {answer!r}")
    parts = [
        context[end:start]
        for end, start in zip([0, *(s[1] for s in spans)], [*(s[0] for s in spans), None], strict=True)
    ]
    return said.join(parts)
