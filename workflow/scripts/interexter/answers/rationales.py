"""Rationales: what they are, and those that need no model (rationale_writing.py has the others).

Sources: a model writes them (self), or writes them without what it is shown otherwise, the gold answers or the
documents, which InstructRAG's ablations do; they are filled in by rule (template), or come with the data set (shipped).

Two styles. `instructrag`: which documents lead to the gold answer. `interexter`: documents weighed
against the internal document, guided by the evidence state. rationale_checks.py says which are sound.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..core.errors import UserError
from ..core.files import write_text
from ..core.identity import canonical_json
from ..core.tables import Row, read_rows, read_table, write_rows
from ..data.schemas import PARTS
from ..injection.compose import EXAMPLES
from ..text.evidence_states import STATES
from ..text.passages import by_rank
from ..text.stance import is_injected, passage_holds
from . import internal_documents
from .rationale_checks import expects_abstention, formal_fault
from .schemas import EVIDENCE, RATIONALES, RATIONALES_REJECTED

SOURCES = ("self", "without-answers", "without-documents", "template", "shipped")
WRITTEN = SOURCES[:3]  # by a model
ONE_STYLE = ("without-answers", "without-documents", "shipped")  # those that have rationales of style instructrag alone
TEMPLATES = ("documents", "rationale-instructrag", *(f"rationale-interexter-{state}" for state in STATES))


def templates(style: str) -> tuple[str, ...]:
    """Return the prompt templates that rationales of a style are asked for with."""
    return tuple(t for t in TEMPLATES if t == "documents" or t.startswith(f"rationale-{style}"))


def shipped(example: Row, evidence: Row, rationale: str) -> Row:
    """Return a rationale that came with the data set, as a RATIONALES row with its `reason` ("" if accepted).

    It is taken as it is, for the passages that it was written for: an example with injected passages has none.
    """
    moved = any(map(is_injected, example["passages"]))
    nothing = "" if rationale.strip() else "none is shipped with the question"
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "style": "instructrag",
        "state": evidence["state"],
        "rationale": rationale,
        "attempt": 0,
        "reason": nothing or ("written for other passages" if moved else formal_fault(rationale, example)),
    }


def from_template(example: Row, evidence: Row, internal_document: str, style: str) -> Row:
    """Fill a rationale in by rule, without a model: InstructRAG's ablation, kept apart by its name."""
    state = evidence["state"]
    gold = example["answers"][0]
    ordered = by_rank(example["passages"])
    helpful = [i for i, p in enumerate(ordered, 1) if passage_holds(p, example["answers"], example["other_names"])]
    named = f"Document {helpful[0]} holds the answer." if helpful else "No document holds the answer."
    if style == "instructrag":
        rationale = f"{named}\nFinal answer: {gold}"
    else:
        end = "I don't know" if expects_abstention(style, state) else gold
        compared = {
            "both": "Both sides agree.",
            "external": "The documents answer the question and my memory does not.",
            "internal": "The documents do not hold what I remember, so I follow my memory.",
            "neither": "Neither side settles the question.",
        }[state]
        rationale = (
            f"External evidence: {named}\nInternal knowledge: {' '.join(internal_document.split())}\n"
            f"Comparison: {compared}\nFinal answer: {end}"
        )
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "style": style,
        "state": state,
        "rationale": rationale,
        "attempt": 0,
    }


class Wanted(NamedTuple):
    """A rationale to write: its example, that example's evidence, and what the model remembers."""

    example: Row
    evidence: Row
    internal_document: str
    style: str
    long_answers: Sequence[str] = ()  # that stand in the prompt in place of the gold answers

    def refused(self, reason: str) -> Row:
        """Return the row of a rationale that could not be asked for."""
        identity = {name: self.example[name] for name in ("question_id", "condition")}
        about = {**identity, "style": self.style, "state": self.evidence["state"]}
        return {**about, "rationale": "", "attempt": 0, "reason": reason}


def wanted(
    examples: Path, evidence: Path, recall: Path, styles: Mapping[str, Sequence[str]], parts: Path | None = None
) -> list[Wanted]:
    """Return what is to be written: each style for the examples of its conditions that have evidence, in order.

    `parts` are those of questions that ask for several things; without them no long answers are known.
    """
    memory = internal_documents.read(recall)
    long = {row["question_id"]: row["long_answers"] for row in read_rows(parts, PARTS)} if parts else {}
    found = []
    for style, conditions in sorted(styles.items()):
        for condition in sorted(conditions):
            where = {"condition": condition}
            known = {row["question_id"]: row for row in read_table(evidence, EVIDENCE, where=where).to_pylist()}
            rows = read_table(examples, EXAMPLES, where=where).to_pylist()
            found += [
                Wanted(
                    row,
                    known[row["question_id"]],
                    memory.get(row["question_id"], ""),  # which is not asked for where nothing shows it
                    style,
                    long.get(row["question_id"], ()),
                )
                for row in sorted(rows, key=lambda row: row["question_id"])
                if row["question_id"] in known
            ]
    return found


def settle(rows: Sequence[Row], styles: Sequence[str], minimum: int, out: Path, rejected: Path) -> None:
    """Write accepted and rejected rationales, and say how many; raise UserError where a style has too few.

    Rows are those of RATIONALES with their `reason`, "" if accepted. Where it fails, the rejected are kept as JSON.
    """
    accepted = [{k: v for k, v in row.items() if k != "reason"} for row in rows if not row["reason"]]
    refused = [{k: v for k, v in row.items() if k != "attempt"} for row in rows if row["reason"]]
    print(f"rationales: n_in={len(rows)} n_out={len(accepted)} n_rejected={len(refused)}")
    for style in sorted(styles):
        reasons = Counter(row["reason"] for row in refused if row["style"] == style)
        n_style = sum(row["style"] == style for row in accepted)
        print(f"rationales: {style}: {n_style} accepted, rejected {canonical_json(dict(reasons))}")
        if n_style < minimum:
            kept = rejected.with_suffix(".json")
            write_text(kept, json.dumps(refused, indent=1) + "\n")
            raise UserError(
                f"rationales: {n_style} of style {style} were accepted, rationales.minimum_accepted is "
                f"{minimum}; rejected: {dict(reasons)}. See {kept}."
            )
    write_rows(out, accepted, RATIONALES)
    write_rows(rejected, refused, RATIONALES_REJECTED)
