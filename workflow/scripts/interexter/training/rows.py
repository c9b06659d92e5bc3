"""The rows that a checkpoint is trained on: the prompts that inference would ask, and what is to be written."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from ..answers.methods import Ask, Method, visible
from ..answers.schemas import EVIDENCE, RATIONALES
from ..core.tables import Row, read_rows, read_table, table_schema
from ..data.schemas import PARTS
from ..engine.conversations import Prompt
from ..engine.prompts import PromptSet
from ..injection.compose import EXAMPLES
from ..models.tokenizer import Tokenizer

TRAINING = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    state=pa.string(),
    input_ids=pa.list_(pa.int32()),  # prompt and completion, as inference renders them
    completion_mask=pa.list_(pa.int8()),  # 1 where the loss counts
)

Examples = Mapping[tuple[str, str], Row]  # by question_id and condition


def read_examples(path: Path, conditions: Iterable[str]) -> Examples:
    """Return the examples of these conditions."""
    return {
        (row["question_id"], row["condition"]): row
        for condition in conditions
        for row in read_table(path, EXAMPLES, where={"condition": condition}).to_pylist()
    }


def shown_answers(parts: Path, prompts: PromptSet) -> dict[str, str]:
    """Return the answers that stand in for gold answers, by question: those to all parts at once, written out.

    InstructRAG's files name them as the answers (on ASQA, a paragraph), so they are learned where a published prompt
    set asks. A prompt of ours asks for a short answer, so none of them stands in.
    """
    written_out = {row["question_id"]: row["long_answers"] for row in read_rows(parts, PARTS)}
    return {} if prompts.ASKS else {question: answers[0] for question, answers in written_out.items() if answers}


def candidates(
    target: str, examples: Examples, evidence: Path, rationales: Path, shown: Mapping[str, str]
) -> list[Row]:
    """Return candidate rows with the completion that a checkpoint is to learn: the answer, or a style's rationale.

    The answer is that of `shown` (see shown_answers), or the preferred gold answer.
    """
    if target == "answer":
        conditions = dict.fromkeys(condition for _, condition in examples)
        rows = (r for c in conditions for r in read_table(evidence, EVIDENCE, where={"condition": c}).to_pylist())
        found = (
            (row, shown.get(row["question_id"], examples[key]["answers"][0]))
            for row in rows
            if (key := _key(row)) in examples
        )
    else:
        rows = (row for row in read_rows(rationales, RATIONALES) if row["style"] == target)
        found = ((row, row["rationale"]) for row in rows if _key(row) in examples)
    return [{**{k: row[k] for k in ("question_id", "condition", "state")}, "completion": text} for row, text in found]


def tokenized(
    drawn: Sequence[Row], examples: Examples, memory: Mapping[str, str], method: Method, ask: Ask, tokenizer: Tokenizer
) -> list[Row]:
    """Return the rows of TRAINING for drawn candidates; `memory` holds internal documents by question, if asked for."""
    rows = []
    for row in drawn:
        prompt = asked(row, examples, memory, method, ask)
        prompt_ids, completion_ids = tokenizer.prompt(prompt.messages), tokenizer.completion(row["completion"])
        rows.append(
            {
                **{name: row[name] for name in ("question_id", "condition", "state")},
                "input_ids": prompt_ids + completion_ids,
                "completion_mask": [0] * len(prompt_ids) + [1] * len(completion_ids),
            }
        )
    return rows


def asked(row: Row, examples: Examples, memory: Mapping[str, str], method: Method, ask: Ask) -> Prompt:
    """Return the prompt that stands before a completion: the very one that inference asks."""
    task = {**examples[_key(row)], "internal_document": memory.get(row["question_id"], "")}
    [prompt] = next(method.answer(visible(task, method), ask))
    return prompt


def _key(row: Row) -> tuple[str, str]:
    return row["question_id"], row["condition"]
