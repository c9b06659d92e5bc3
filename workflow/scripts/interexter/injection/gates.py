"""The gates: which composed examples are sound enough to measure a conflict on.

A condition without injection is no conflict: it is asked every question that can be read, of which the training leaves
out those of the test. Its accuracy stands beside published ones.

A gate looks at one example and returns what is wrong, or None. The first that fails rejects the
example under the gate's name; an example that passes is not altered. Published conflict data need
these checks: gold answers left in passages that should contradict them, and counter-passages
without their counter-answer, are found in several of the sets in use.

What a gate has to know beside the example (the passages that injected ones were made from, the other
questions of the data set) is looked up beforehand, so a gate's verdict depends neither on the order
of examples nor on how they are divided.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..core.errors import UserError
from ..core.tables import Row, rejection
from ..data.questions import TEST, Known, Questions
from ..text import markup, matching
from ..text.stance import COUNTER, GOLD, SUPPORTING, any_holds, is_injected, passage_holds, states, supports
from . import derived, injectors, surnames


class Facts(NamedTuple):
    """What gates know beside an example."""

    injected: Sequence[Row]  # the passages that the condition brings in
    parents: Mapping[str, Row]  # the question's retrieved passages, by passage_id
    known: Known  # about the other questions of the data set
    no_gold: bool  # no passage holds a gold answer, where the condition promises that


Gate = Callable[[Row, Facts], str | None]

_SHORT = 2  # characters: "in", "ca", "no"
_FEWEST = 3  # words of a readable passage
_PLACEHOLDER = re.compile(
    rf"\[(?:ENTITY|MASK|ANSWER)\]|(?<![_^])\{{\w*\}}|(?!(?i:{markup.TAG}))<\w+>|\ufffd"
)  # H_{2} is a formula
_MARKS = "[{<\ufffd"  # with which they begin; few texts have one


def _empty_question(example: Row, facts: Facts) -> str | None:
    return None if example["question"].strip() else "the question is empty"


def _no_answers(example: Row, facts: Facts) -> str | None:
    """Reject an example that has no gold answer or no counter-answer to tell apart."""
    for column in ("answers", "counter_aliases"):
        if not any(map(matching.has_words, example[column])):
            return f"{column} holds no name: {example[column]}"
    return None


def _no_gold_answers(example: Row, facts: Facts) -> str | None:
    return None if any(map(matching.has_words, example["answers"])) else f"answers holds no name: {example['answers']}"


def _nested_answers(example: Row, facts: Facts) -> str | None:
    if twins := matching.first_nested(example["answers"], example["counter_aliases"]):
        return f"gold answer {twins[0]!r} and counter-answer {twins[1]!r} are nested"
    return None


def _broken_lineage(example: Row, facts: Facts) -> str | None:
    """Reject a passage of the condition's whose origin cannot be told; one of the data set's own has only itself."""
    for passage in facts.injected:
        needed = ["source_id", *(("injector", "seed") if passage["origin"] == "injected" else ())]
        needed += ["counter_answer"] if passage["stance"] == COUNTER else []
        needed += ["parent_id"] if passage["injector"] and not injectors.free(passage["injector"]) else []
        missing = [column for column in needed if passage[column] is None]
        if missing:
            return f"{_named(passage)}: no {', '.join(missing)}"
        if passage["parent_id"] is not None and passage["parent_id"] not in facts.parents:
            return f"{_named(passage)}: its parent {passage['parent_id']} is not among the retrieved passages"
    return None


def _unchanged_text(example: Row, facts: Facts) -> str | None:
    """Reject a passage that no injection changed; one that supports the gold answer may stand as it was."""
    for passage in facts.injected:
        parent = facts.parents.get(passage["parent_id"])
        if parent and passage["stance"] != SUPPORTING and _words(passage) == _words(parent):
            return f"{_named(passage)}: equal to its parent"
    return None


def _duplicate_passage(example: Row, facts: Facts) -> str | None:
    counts = Counter(map(_words, example["passages"]))
    for passage in facts.injected:
        if counts[_words(passage)] > 1:
            return f"{_named(passage)}: shown more than once"
    return None


def _gold_leak(example: Row, facts: Facts) -> str | None:
    if facts.no_gold:
        return None
    return _held(example, [p for p in example["passages"] if p["stance"] == COUNTER], "answers", "gold answer")


def _surname_left(example: Row, facts: Facts) -> str | None:
    """Reject a passage that still has the surname of a person whose full name was replaced."""
    left = surnames.of_gold(example, example["counter_aliases"])
    for passage in _contradicting(example, facts) if left else ():
        for text in _words(passage):
            if said := surnames.mentions(text, left):
                return f"{_named(passage)}: the gold answer's surname {text[slice(*said[0])]!r} is left"
    return None


def _derived_left(example: Row, facts: Facts) -> str | None:
    """Reject a passage that still has a word derived from the gold answer: the Indian state, with India replaced."""
    for passage in _contradicting(example, facts):
        for text in _words(passage):
            if word := derived.left(text, example, example["counter_aliases"]):
                return f"{_named(passage)}: {word!r}, which is derived from the gold answer, is left"
    return None


def _contradicting(example: Row, facts: Facts) -> Iterator[Row]:
    """Yield the counter-passages that stand where a gold answer was: those made from one that holds it, and shipped."""
    for passage in facts.injected:
        if passage["stance"] == COUNTER:
            parent = facts.parents.get(passage["parent_id"])
            if parent is None and passage["injector"]:
                continue  # made from nothing
            if parent is None or passage_holds(parent, example["answers"]):
                yield passage


def _counter_missing(example: Row, facts: Facts) -> str | None:
    others, counter = [*example["other_names"], *example["answers"]], example["counter_aliases"]
    for passage in example["passages"]:
        if passage["stance"] == COUNTER and not states(passage, counter, COUNTER, others, example["question"]):
            return f"{_named(passage)}: does not hold {example['counter_answer']!r}"
    return None


def _support_missing(example: Row, facts: Facts) -> str | None:
    """Reject an injected passage that should support the gold answer and does not name it, or names the other."""
    supporting = [passage for passage in facts.injected if passage["stance"] == SUPPORTING]
    if not supporting:
        return None
    others = [*example["other_names"], *example["counter_aliases"]]
    for passage in supporting:
        if not states(passage, example["answers"], SUPPORTING, others, example["question"]):
            return f"{_named(passage)}: does not hold a gold answer"
    return _held(example, supporting, "counter_aliases", "counter-answer")


def _subject_lost(example: Row, facts: Facts) -> str | None:
    """Reject a counter-passage that does not name the subject any more, which its parent named."""
    subject = [example["subject"]]
    for passage in facts.injected:
        parent = facts.parents.get(passage["parent_id"]) if passage["stance"] == COUNTER else None
        if not parent or matching.holds(passage["title"], subject):
            continue
        if passage_holds(parent, subject) and not passage_holds(passage, subject):
            return f"{_named(passage)}: does not name {example['subject']!r} any more"
    return None


def _unreadable(example: Row, facts: Facts) -> str | None:
    """Reject an injected passage with a fault that no reader would overlook and that its parent has not."""
    for passage in facts.injected:
        fault = _fault(passage["text"])
        if fault and not _fault(facts.parents.get(passage["parent_id"], {}).get("text", "a sound text")):
            return f"{_named(passage)}: {fault}"
    return None


def _fault(text: str) -> str | None:
    if any(map(text.__contains__, _MARKS)) and (placeholder := _PLACEHOLDER.search(text)):
        return f"{placeholder.group()!r} was not filled in"
    words = text.lower().split()
    if len(words) < _FEWEST and (text.isascii() or len(matching.words(text).folded) < _FEWEST):  # Chinese has no blanks
        return f"{len(words)} words, at least {_FEWEST} wanted"
    for i in range(len(words) - 2):
        if words[i] == words[i + 1] == words[i + 2] and any(map(str.isalpha, words[i])):  # a score may be 6-4, 6-4, 6-4
            return f"{words[i]!r} three times in a row"
    return None


def _duplicate_question(example: Row, facts: Facts) -> str | None:
    first = facts.known.first_of_same
    return f"asks what question {first} asks, with the same answer" if first != example["question_id"] else None


def _ambiguous_question(example: Row, facts: Facts) -> str | None:
    other = facts.known.other_answers
    return f"another question has the same text and the answers {other}" if other else None


def _valid_counter(example: Row, facts: Facts) -> str | None:
    """Reject a counter-answer that is gold where the same is asked about the same subject."""
    for gold in facts.known.valid:
        if any(matching.nested(gold, counter) for counter in example["counter_aliases"]):
            return f"counter-answer {example['counter_answer']!r} is a gold answer of the same question: {gold!r}"
    return None


def _contaminated(example: Row, facts: Facts) -> str | None:
    return facts.known.shared


def _short_alias(example: Row, facts: Facts) -> str | None:
    for name in (*example["answers"], *example["counter_aliases"]):
        if len(name.strip()) <= _SHORT:
            return f"the name {name!r} has {_SHORT} characters or fewer"
    return None


def _shared_entity(example: Row, facts: Facts) -> str | None:
    if facts.known.injectable_elsewhere(example["counter_aliases"]):
        return f"counter-answer {example['counter_answer']!r} is an answer of the test questions too"
    return None


def _gold_left(example: Row, facts: Facts) -> str | None:
    """Reject an example with a passage that supports a gold answer, by the label of the data set or by its words."""
    for passage in example["passages"]:
        if supports(passage, example["answers"], SUPPORTING, example["other_names"], example["question"]):
            return _held(example, [passage], "answers", "gold answer") or f"{_named(passage)}: is labelled supporting"
    return None


def _wrong_left(example: Row, facts: Facts) -> str | None:
    return _held(example, example["passages"], "counter_aliases", "the model's answer")


GATES: dict[str, Gate] = {
    "empty-question": _empty_question,
    "no-answers": _no_answers,
    "nested-answers": _nested_answers,
    "broken-lineage": _broken_lineage,  # before the gates that look at parents
    "unchanged-text": _unchanged_text,
    "duplicate-passage": _duplicate_passage,
    "gold-leak": _gold_leak,
    "surname-left": _surname_left,
    "derived-left": _derived_left,
    "counter-missing": _counter_missing,
    "support-missing": _support_missing,
    "subject-lost": _subject_lost,
    "unreadable": _unreadable,
    "duplicate-question": _duplicate_question,
    "ambiguous-question": _ambiguous_question,
    "valid-counter": _valid_counter,
    "contaminated": _contaminated,
}
BASELINE_GATES: dict[str, Gate] = {  # where nothing is injected
    "empty-question": _empty_question,
    "no-answers": _no_gold_answers,
    "contaminated": _contaminated,
}
STRICT_GATES: dict[str, Gate] = {"short-alias": _short_alias, "shared-entity": _shared_entity}  # where the config asks


def gate(
    examples: Sequence[Row],
    retrieved: Sequence[Row],
    gold_free: bool,
    contradicts: Mapping[str, str] | None = None,
    questions: Questions | None = None,
    split: str = TEST,
    strict: Sequence[str] = (),
    baseline: bool = False,
) -> tuple[list[Row], list[Row]]:
    """Return the examples that pass every gate, and the rows of REJECTED for the others.

    `gold_free` says that the condition promises passages without any gold answer (without the model's
    answer, where that is what they contradict: `contradicts`, by question_id). `questions` are all
    those of the data set; without them, the gates that compare questions let everything pass. `strict`
    names gates of STRICT_GATES. A `baseline` injects nothing and is asked every question that can be
    read (BASELINE_GATES); one that fails another gate loses its counter-answer, and with it its place
    in metrics of conflict. Raises UserError if a question has no row in `retrieved`.
    """
    gates = {**GATES, **{name: STRICT_GATES[name] for name in strict}}
    found = {row["question_id"]: row["passages"] for row in retrieved}
    questions = questions or Questions(list)
    kept, rejected = [], []
    for example in examples:
        question_id = example["question_id"]
        if question_id not in found:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        parents = {passage["passage_id"]: passage for passage in found[question_id]}
        against = (contradicts or {}).get(question_id, GOLD)
        left = {"gold-left": _gold_left} if against == GOLD else {"wrong-left": _wrong_left}
        no_gold = (
            gold_free
            and against == GOLD
            and not any_holds(example["passages"], example["answers"], example["other_names"])
        )
        facts = Facts([*filter(is_injected, example["passages"])], parents, questions.known(example, split), no_gold)
        failed = _failure(example, facts, {**gates, **left} if gold_free else gates)
        if failed and baseline and not (failed := _failure(example, facts, BASELINE_GATES)):
            example = {**example, "counter_answer": "", "counter_aliases": []}
        if failed:
            rejected.append(rejection(question_id, *failed))
        else:
            kept.append(example)
    return kept, rejected


def _failure(example: Row, facts: Facts, gates: Mapping[str, Gate]) -> tuple[str, str] | None:
    for reason, check in gates.items():
        detail = check(example, facts)
        if detail is not None:
            return reason, detail
    return None


def _words(passage: Row) -> tuple[str, str]:
    return passage["title"], passage["text"]


def _held(example: Row, passages: Sequence[Row], column: str, what: str) -> str | None:
    """Tell which of some passages holds a name of a column of the example, not within a longer name of something else.

    None if there is none.
    """
    names, others = example[column], example["other_names"]
    passage = next((passage for passage in passages if passage_holds(passage, names, others)), None)
    if passage is None:
        return None
    name = next(name for name in names if passage_holds(passage, [name], others))
    return f"{_named(passage)}: holds {what} {name!r}"


def _named(passage: Row) -> str:
    return f"passage {passage['passage_id']} (rank {passage['rank']}, {passage['title']!r})"
