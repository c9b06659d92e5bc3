"""Published prompt sets: the prompts of InstructRAG and InterExterRAG, built from their authors' prompt files.

The texts are not part of this project: a rule takes the file at the authors' commit, checks its sha256
and writes the texts of one data set. What is built from them here is a chat of one user turn, which the
model's own chat template renders. docs/compat.md lists how that differs from the authors' code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..core.json_files import read_json, write_json
from ..core.tables import Row
from ..models.messages import Message
from ..text.evidence_states import STATES
from .prompts import PromptSet


class Source(NamedTuple):
    """Where a prompt file is published."""

    url: str
    sha256: str


CODE = "interexter-code"  # not prompts alone: two of InterExterRAG's texts stand in its program

_RAW = "https://raw.githubusercontent.com"
_INTEREXTER = f"{_RAW}/shiro-wang/InterExter-Research/8981ace266cbb10f30a2beef2789874ffec8e01e/src"
SOURCES = {
    "instructrag": Source(
        f"{_RAW}/weizhepei/InstructRAG/8147bbc6a4794b15145183cb8b26761b74efed76/src/rag.json",
        "905a4dab082859a5934868f8ad4815df718967a7e1fec4602e52d24b924dc310",
    ),
    "interexter": Source(
        f"{_INTEREXTER}/rag.json",
        "f73a7a8796bb2dd9dc0c8d513557064bfb262d03e977e24f23688b8b21726383",
    ),
    "interexter-zh": Source(  # the same in Chinese, for English answers
        f"{_INTEREXTER}/rag_v2.json",
        "2c0f6d2672a88855570563745c1a38256ab0fa368fcea792ae3165a127391ae6",
    ),
    CODE: Source(
        f"{_INTEREXTER}/data_utils.py",
        "ef5a81aa3c6cd887511a464831f4db76fde9cbba9895f2a98bae12c4a3163b71",
    ),
}
GENERAL, WORKED = "interexter-general", "interexter-worked"
SETS = {  # the files that each set is built from
    "instructrag": ("instructrag",),
    "interexter": ("interexter",),
    GENERAL: ("interexter",),  # one guide for the rationales of all states
    WORKED: ("interexter", CODE),  # a worked example after each state's guide, both before the documents
    "interexter-zh": ("interexter-zh",),
}

# What the guide of a state is called in the prompt file: "gd" is for gold, "inter" and "exter" for who has it.
_GUIDES = {
    state: f"rationale_generation_instruction_{who}_gd_prefix"
    for state, who in {"both": "inter_exter", "external": "exter", "internal": "inter", "neither": "no"}.items()
}
_GENERAL_GUIDE = "rationale_generation_instruction_inter_exter"
BEFORE_EXAMPLE, AFTER_EXAMPLE = "before_example", "after_example"  # our keys of the texts around a worked example
# InstructRAG has no internal document; ours is asked for, because the evidence states need one.
_OURS = {"instructrag": ("internal-document",)}


def worked_examples(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the worked example of each state's guide, by our keys, from a file of them.

    A file has a text for each of STATES; the names that the authors' files have for the states are understood too.
    Raises UserError where a state has none.
    """
    found = {state: given.get(state, given.get(key)) for state, key in _GUIDES.items()}
    if lacking := [state for state, text in found.items() if not isinstance(text, str) or not text.strip()]:
        raise UserError(f"worked examples: no text for {', '.join(lacking)}; expected one for each of {list(STATES)}.")
    return {_example(state): str(text) for state, text in found.items()}


def _example(state: str) -> str:
    """Return our key of a state's worked example."""
    return f"example_{state}"


def write(name: str, found: dict[str, str], note: str, out: Path) -> None:
    """Write the texts for one data set, with the note of a data set ("" for none) that ends rationale prompts."""
    key = f"rationale_generation_postfix_{note}"
    if note and key not in found:
        raise UserError(f"prompt set {name}: there is no text {key!r}; it has {sorted(found)}.")
    write_json(out, {"name": name, "texts": found, "note": found[key] if note else ""})


def open_prompts(named: str) -> PromptSet:
    """Open a prompt set: a folder of prompt_sets by name, or a published one by the file that `write` wrote."""
    return PublishedPromptSet(Path(named)) if named.endswith(".json") else PromptSet(named)


def available(name: str) -> set[str]:
    """Return the templates of a published prompt set."""
    common = {"documents", "closed-book", "vanilla-rag", "few-shot", "instructrag", "rationale-instructrag"}
    if name == "instructrag":
        return {*common, *_OURS[name]}
    return {*common, "internal-document", "interexter", *(f"rationale-interexter-{state}" for state in STATES)}


def normalized_question(question: str) -> str:
    """Return a question as the authors' code writes it: a question mark at its end, its first letter lower-cased."""
    asked = question if question.endswith("?") else f"{question}?"
    if asked.startswith("."):
        asked = asked.lstrip(". ")
    return asked[:1].lower() + asked[1:]


class PublishedPromptSet(PromptSet):
    """A published prompt set, for one data set. Its prompts do not say how an answer ends: texts are read whole."""

    ASKS = False

    def __init__(self, file: Path) -> None:
        """Open what `write` wrote; raise UserError if it is not there."""
        if not file.is_file():
            raise UserError(
                f"{file}: the texts of a published prompt set are missing; the rule published_prompts writes them."
            )
        record = read_json(file, "name", "texts", "note")
        self._file = file
        self.name: str = record["name"]
        self._texts: dict[str, str] = record["texts"]
        self._note: str = record["note"]

    def messages(self, template: str, **values: Any) -> tuple[Message, ...]:
        """Build a prompt; raise UserError for one that is not in the set, or whose text is not in the file."""
        if template in _OURS.get(self.name, ()):
            return PromptSet("ours").messages(template, **values)
        if template not in available(self.name):
            raise UserError(f"prompt set {self.name!r} has no prompt {template!r}.")
        build = _BUILDERS.get(template) or partial(_state_rationale, template.removeprefix("rationale-interexter-"))
        try:
            text = build(self, values)
        except KeyError as error:
            raise UserError(f"{self._file}: {template} needs the text or field {error}, which is missing.") from error
        return (Message("user", text.strip()),)

    def text(self, *keys: str, **fields: Any) -> str:
        """Return the first text that the file has of `keys`, its fields filled in."""
        key = next((key for key in keys if key in self._texts), keys[-1])
        return self._texts[key].format(**fields)

    def verbatim(self, key: str) -> str:
        """Return a text as it stands, whatever braces it has."""
        return self._texts[key]

    def query(self, values: Row, *keys: str) -> str:
        """Return a text about the question."""
        return self.text(*keys, question=normalized_question(values["question"]))

    def guide(self, values: Row, *keys: str) -> str:
        """Return a text about the question and its answers, with the data set's note.

        The answers come out as Python writes a list, and the note follows without a space, as published.
        """
        question = normalized_question(values["question"])
        return self.text(*keys, question=question, answers=list(values["answers"])) + self._note

    def shots(self, values: Row, shown: Callable[[Row], str], task: str) -> str:
        """Return the demonstrations between the texts that stand before and after them, or "" where there are none."""
        if not values["demonstrations"]:
            return ""
        examples = (
            f"###\n\nExample {i}\n\nQuestion: {normalized_question(row['question'])}\n\nAnswer: {shown(row)}\n\n"
            for i, row in enumerate(values["demonstrations"], 1)
        )
        return f"{task}{''.join(examples)}{self.text('demo_postfix')}"


def _documents(prompts: PublishedPromptSet, values: Row) -> str:
    passages: Sequence[Row] = values["passages"]
    return _paragraphs(f"Document {i} (Title: {p['title']}): {p['text']}" for i, p in enumerate(passages, 1))


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _both_sides(values: Row) -> str:
    """Return the documents and the internal document, as InterExterRAG shows them in the given order."""
    memory = f"Internal Knowledge (Background Information): {values['internal_document']}"
    return _paragraphs([values["documents"], memory])


def _vanilla(prompts: PublishedPromptSet, values: Row) -> str:
    return _paragraphs([values["documents"], prompts.query(values, "query_prompt")])


def _few_shot(prompts: PublishedPromptSet, values: Row) -> str:
    return prompts.shots(values, lambda row: ", ".join(row["answers"]), "") + _vanilla(prompts, values)


def _instructrag(prompts: PublishedPromptSet, values: Row) -> str:
    return prompts.shots(values, _shown_rationale, prompts.text("demo_task_instruction")) + _vanilla(prompts, values)


def _interexter(prompts: PublishedPromptSet, values: Row) -> str:
    query = prompts.query(values, "query_prompt_inter_exter_sp", "query_prompt_inter_exter")
    shots = prompts.shots(values, _shown_rationale, prompts.text("demo_task_instruction"))
    return shots + _paragraphs([_both_sides(values), query])


def _shown_rationale(row: Row) -> str:
    return str(row["rationale"])


def _rationale(prompts: PublishedPromptSet, values: Row) -> str:
    guide = prompts.guide(values, "rationale_generation_instruction")
    return prompts.query(values, "demo_prefix") + _paragraphs([values["documents"], guide])


def _state_rationale(state: str, prompts: PublishedPromptSet, values: Row) -> str:
    if prompts.name == GENERAL:
        return _paragraphs([_both_sides(values), prompts.guide(values, _GENERAL_GUIDE)])
    guide = prompts.guide(values, _GUIDES[state], _GENERAL_GUIDE)
    if prompts.name != WORKED:
        return _paragraphs([_both_sides(values), guide])
    question, answers = normalized_question(values["question"]), list(values["answers"])
    turn = prompts.text(AFTER_EXAMPLE, question=question, answers=answers)
    return guide + prompts.verbatim(BEFORE_EXAMPLE) + prompts.verbatim(_example(state)) + turn + _both_sides(values)


_BUILDERS: dict[str, Callable[[PublishedPromptSet, Row], str]] = {
    "documents": _documents,
    "closed-book": lambda prompts, values: prompts.query(values, "query_prompt"),
    "vanilla-rag": _vanilla,
    "few-shot": _few_shot,
    "instructrag": _instructrag,
    "interexter": _interexter,
    "internal-document": lambda prompts, values: prompts.query(values, "internal_generation_instruction"),
    "rationale-instructrag": _rationale,
}
