"""DynamicQA (Marjanovic et al., Findings of EMNLP 2024, arXiv 2407.17023): a Wikipedia passage with a slot.

The answer's place in `context` is `[ENTITY]`: filled with `obj` it supports the gold answer, with `replace_name`
the counter-answer. The passages still name the answer elsewhere in 5 to 22 of 100 rows: screening finds them.
"""

import json
from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, Unusable, number_of, text_of, texts_of

ABOUT = About(
    title="DynamicQA: static, temporal and disputable facts",
    source="https://github.com/copenlu/dynamicqa, Data/{Static,Temporal,Disputable}_final.csv, arXiv 2407.17023",
    licence="not stated",
    checked="schema only",
    files=("Static_final.csv", "Temporal_final.csv"),
    note="the relation is `prop`; popularity is `s_pop`",
)

_SLOT = "[ENTITY]"


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question and fill the slot of its passage with both answers."""
    answer, counter, context = text_of(record, "obj"), text_of(record, "replace_name"), text_of(record, "context")
    if _SLOT not in context:
        raise Unusable("no-slot", f"the context has no {_SLOT}")
    aliases = record.get("possible_answers")
    if isinstance(aliases, str) and aliases.strip():
        try:
            aliases = json.loads(aliases)
        except ValueError:  # without its aliases, gold answers that a passage still names would not be seen
            raise Unusable(
                "malformed-record", f"possible_answers is {aliases[:60]!r}, a JSON list was expected"
            ) from None
    subject = str(record.get("subj") or "")
    yield Item(
        question=text_of(record, "question"),
        answers=list(dict.fromkeys([answer, *texts_of(aliases)])),
        subject=subject,
        relation=str(record.get("prop") or part.removesuffix("_final").lower()),
        popularity=number_of(record, "s_pop"),
        passages=[Text(context.replace(_SLOT, answer), subject, stance=SUPPORTING)],
        counter_answers=[counter],
        counters=[Text(context.replace(_SLOT, counter), subject)],
    )
