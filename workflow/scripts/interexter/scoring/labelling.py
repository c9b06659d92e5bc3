"""Labels of a checkpoint's answers: each is joined with its question, its evidence and the closed-book answer.

Conditions come one after the other and answers in batches, so that memory does not grow with their number.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..answers.schemas import ANSWERS, EVIDENCE, RECALL
from ..core.errors import UserError
from ..core.tables import read_batches, read_table, values
from ..data.schemas import PARTS, QUESTIONS
from ..injection.compose import EXAMPLES
from ..text.final_answers import final_answer
from ..text.labels import answer_given
from ..text.thoughts import said
from .certificates import certified_size, judged
from .clusters import cluster_of
from .judgements import Judgement, judge
from .question_traits import answer_kind, gold_position, is_seen, names_of

BATCH = 10_000  # answers judged at a time
FROM_ANSWER = ("question_id", "condition", "method", "text", "finish_reason", "asked", "log_probability", "votes")
FROM_EXAMPLE = ("relation", "popularity")  # and contested, gold_position
FROM_TRAITS = ("answer_kind", "seen")
FROM_EVIDENCE = (
    "closed_book_label",
    "closed_book_agreement",
    "memory",
    "state",
    "passages_gold",
    "passages_counter",
)
FROM_RECALL = ("closed_book_answer", "closed_book_asked", "closed_book_probability")


class Sources(NamedTuple):
    """The tables that labels are made from."""

    answers: Sequence[Path]  # a file for each shard
    examples: Path
    evidence: Path
    recall: Path
    train: Path  # questions
    test: Path
    parts: Path  # the parts of the data set's questions


def labelled(sources: Sources, about: Mapping[str, Any], prompt_sets: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the columns of LABELLED for one batch of answers after the other, none of two conditions.

    `about` holds what all answers share (data set, model, checkpoint, order, seed), `prompt_sets` the name of each
    method's prompt set. Raises UserError where there are no answers, or one lacks its example, evidence or recall.
    """
    recall = read_table(sources.recall, RECALL, ("question_id", *FROM_RECALL))
    parts = {
        row["question_id"]: [part["answers"] for part in row["parts"]]
        for row in read_table(sources.parts, PARTS).to_pylist()
    }
    traits = _traits(sources)
    conditions = dict.fromkeys(name for path in sources.answers for name in values(path, "condition"))
    if not conditions:
        raise UserError(f"{sources.answers[0]}: there are no answers to label; its table of rejected rows says why.")
    for condition in conditions:
        where = {"condition": condition}
        examples = _examples(sources.examples, where)
        evidence = read_table(sources.evidence, EVIDENCE, ("question_id", *FROM_EVIDENCE), where)
        for path in sources.answers:
            for answers in read_batches(path, ANSWERS, FROM_ANSWER, BATCH, where):
                taken = (
                    _joined(answers, examples, sources.examples, path),
                    _joined(answers, evidence, sources.evidence, path),
                    _joined(answers, recall, sources.recall, path),
                    _joined(answers, traits, sources.test, path),
                )
                sets = [prompt_sets[method] for method in answers["method"].to_pylist()]
                shared = {name: pa.repeat(value, answers.num_rows) for name, value in about.items()}
                yield {**_judged(answers, *taken, parts), **shared, "prompt_set": pa.array(sets, pa.string())}


def _traits(sources: Sources) -> pa.Table:
    """Return question_id, answer_kind and seen of the test questions."""
    known = names_of(read_table(sources.train, QUESTIONS, ("answers",))["answers"].to_pylist())
    questions = read_table(sources.test, QUESTIONS, ("question_id", "answer_type", "answers"))
    types, answers = (questions[name].to_pylist() for name in ("answer_type", "answers"))
    kinds = [answer_kind(*one) for one in zip(types, answers, strict=True)]
    seen = [is_seen(names, known) for names in answers]
    return pa.table(
        {"question_id": questions["question_id"], "answer_kind": pa.array(kinds, pa.string()), "seen": seen}
    )


def _examples(path: Path, where: Mapping[str, Any]) -> pa.Table:
    """Return what labels take from the examples of a condition, with gold_position in place of the passages."""
    names = ("question_id", "question", "answers", "counter_aliases", "other_names", "subject", *FROM_EXAMPLE)
    examples = read_table(path, EXAMPLES, (*names, "passages"), where)
    shown = zip(*(examples[name].to_pylist() for name in ("passages", "answers", "other_names")), strict=True)
    positions = pa.array([gold_position(*one) for one in shown], pa.int32())
    return examples.select(list(names)).append_column("gold_position", positions)


def _joined(answers: pa.Table, known: pa.Table, name: Path, source: Path) -> pa.Table:
    """Return the row of `known` for the question of each answer; raise UserError where there is none."""
    index = pc.index_in(answers["question_id"], value_set=known["question_id"].combine_chunks())
    if index.null_count:
        absent = answers.filter(index.is_null()).select(["condition", "question_id"]).to_pylist()
        first = min((row["condition"], row["question_id"]) for row in absent)
        raise UserError(
            f"{name}: no row for {len(absent)} of the {len(index)} answers of {source}, first "
            f"(condition, question_id) {first}. The files are of different runs: delete the older, run again."
        )
    return known.take(index)


def _judged(
    answers: pa.Table,
    examples: pa.Table,
    evidence: pa.Table,
    recall: pa.Table,
    traits: pa.Table,
    parts: dict[str, list[list[str]]],
) -> dict[str, Any]:
    """Return the columns of LABELLED that answers differ in; the tables have their rows, in their order."""
    texts = answers["text"].to_pylist()
    finished = pc.not_equal(answers["finish_reason"], "length")
    sides = examples["answers"].to_pylist(), examples["counter_aliases"].to_pylist()
    others = examples["other_names"].to_pylist()
    ends = list(map(answer_given, texts, *sides, finished.to_pylist(), answers["asked"].to_pylist(), others))
    remembered = zip(recall["closed_book_answer"].to_pylist(), recall["closed_book_asked"].to_pylist(), strict=True)
    memories = [final_answer(text, asked) for text, asked in remembered]
    rows = zip(
        map(said, texts),
        ends,
        *sides,
        zip(evidence["closed_book_label"].to_pylist(), memories, strict=True),
        [parts.get(question, []) for question in answers["question_id"].to_pylist()],
        examples["question"].to_pylist(),
        others,
        strict=True,
    )
    about = zip(*(examples[name].to_pylist() for name in ("question_id", "subject", "answers")), strict=True)
    judgements = [judge(*row) for row in rows]  # row by row: texts and names are then normalized once
    return {
        **{name: answers[name] for name in ("question_id", "condition", "method")},
        "cluster": pa.array([cluster_of(*one) for one in about], pa.string()),
        "final_answer": pa.array([end or "" for end in ends], pa.string()),
        "finished": finished,
        "probability": pc.exp(answers["log_probability"]),
        "certified": list(map(_certified, answers["votes"].to_pylist(), *sides, others)),
        **{name: examples[name] for name in (*FROM_EXAMPLE, "gold_position")},
        "contested": pc.greater(pc.list_value_length(examples["counter_aliases"]), 0),
        **{name: traits[name] for name in FROM_TRAITS},
        **{name: evidence[name] for name in FROM_EVIDENCE},
        "closed_book_probability": recall["closed_book_probability"],
        **{name: [getattr(one, name) for one in judgements] for name in Judgement._fields},
    }


def _certified(
    votes: Sequence[str] | None, gold: Sequence[str], counter: Sequence[str], others: Sequence[str]
) -> int | None:
    """Return how many passages an attacker may write; None where passages did not vote."""
    if votes is None:
        return None
    return certified_size([judged(vote, gold, counter, others) for vote in votes])
