"""Rationales: the checks of what a model writes, the attempts, and rationales by rule."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from interexter.answers import rationale_checks, rationales
from interexter.answers.rationale_checks import Written, expects_abstention, foreign_names
from interexter.answers.rationale_writing import Writing, synthesize
from interexter.answers.rationales import (
    RATIONALES,
    RATIONALES_REJECTED,
    from_template,
    shipped,
)
from interexter.answers.schemas import EVIDENCE, RECALL, STYLES
from interexter.core.tables import Row, read_rows, write_rows
from interexter.data.schemas import SHIPPED_RATIONALES
from interexter.engine.conversations import Generation, Prompt, Sampling
from interexter.engine.prompts import PromptSet
from interexter.injection.compose import EXAMPLES
from interexter.text.cited import cited
from interexter.text.evidence_states import STATES
from recall_rows import believed, recalled

PROMPTS = PromptSet("ours")
WRITING = Writing(PROMPTS, max_tokens=99, max_attempts=4, temperature=0.7, seed=42, stop=["\n\n"], check="answer")
GOLD = "Document 2 names the Osk.\nFinal answer: Osk"
TEXTS = {
    "gold": "The Osk is the longest river.",
    "counter": "The Limm is the longest river.",
    "none": "Melvora is a town.",
}


def example(*holds: str, **other: Any) -> Row:
    """An EXAMPLES row; its passages by what they hold, in the order of their ranks."""
    passages = [{"title": f"T{i}", "text": TEXTS[what], "rank": i} for i, what in enumerate(holds, 1)]
    return {
        "question_id": "q1",
        "condition": "clean",
        "question": "Which river is the longest?",
        "answers": ["Osk", "River Osk"],
        "counter_answer": "Limm",
        "counter_aliases": ["Limm", "Limm River"],
        "other_names": [],
        "passages": passages,
        **other,
    }


THREE = example("counter", "gold", "none")


def fault(text: str, row: Row, abstention: bool) -> str:
    """Why a rationale is not accepted for how it ends."""
    style, state = ("interexter", "neither") if abstention else ("instructrag", "external")
    return rationale_checks.fault(Written(text, row, style, state), "answer")


def full(text: str, row: Row = THREE, style: str = "instructrag", state: str = "external", **more: Any) -> str:
    return rationale_checks.fault(Written(text, row, style, state, **more))


WEIGHED = """External evidence: Document 1 says that the longest is the Limm, Document 2 that it is the Osk.
Internal knowledge: I remember the Osk.
Comparison: Document 1 contradicts what I know.
Final answer: Osk"""


def test_full_accepts_what_is_true_and_well_formed() -> None:
    assert full("Document 2 says that the Osk is the longest river. Document 3 does not help.\nFinal answer: Osk") == ""
    assert full(WEIGHED, style="interexter", state="both") == ""
    assert full("No document helps, but it is the Osk.\nFinal answer: Osk", example("none", "none")) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Document 2 says Osk.\nFinal answer: Osk\nFinal answer: Melvora", "does not answer once"),
        ("Document 2 says that it is the Osk", "does not answer once"),
        (
            f"Document 2 says it.\nFinal answer: {'it is said that ' * 3} it is the Osk",
            "answers at length, or by a denial",
        ),
        ("Document 2 says it.\nFinal answer: not only the Osk", "answers at length, or by a denial"),
        (f"Document 2 says{' that the river is the Osk' * 3}.\nFinal answer: Osk", "repeats itself"),
        ("Document 3 says that it is the Osk.\nFinal answer: Osk", "cites documents for what they do not say"),
        (
            "Document 2 says it. Document 3 says it is Limm.\nFinal answer: Osk",
            "cites documents for what they do not say",
        ),
        ("Document 3 helps.\nFinal answer: Osk", "leaves out what the documents hold"),
        ("It is the Osk.\nFinal answer: Osk", "leaves out what the documents hold"),
        ("Document 2 says that Melvora lies on the Osk.\nFinal answer: Osk", "repeats the example of its prompt"),
    ],
)
def test_full_rejects_what_is_untrue_or_malformed(text: str, reason: str) -> None:
    assert full(text, foreign=frozenset({"Melvora"})) == reason


def test_full_rejects_a_text_that_was_cut() -> None:
    text = "Document 2 says that it is the Osk.\nFinal answer: Osk"
    assert full(text, finished=False) == "was cut at its cap"
    assert full(text) == ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("Comparison:", "Judgement:"), "lacks a section, or has them in another order"),
        (("Internal knowledge: I remember the Osk.\n", ""), "lacks a section, or has them in another order"),
        (
            ("Document 1 says that the longest is the Limm, Document 2 that it is the Osk.", "Nothing."),
            "leaves out what the documents hold",
        ),
    ],
)
def test_full_rejects_an_interexter_rationale_without_its_parts(changed: tuple[str, str], reason: str) -> None:
    assert full(WEIGHED.replace(*changed), style="interexter", state="both") == reason


def test_none_accepts_any_text_and_no_empty_one() -> None:
    assert rationale_checks.fault(Written("Limm", THREE, "instructrag", "external"), "none") == ""
    assert rationale_checks.fault(Written(" ", THREE, "instructrag", "external"), "none") == "empty"


def test_foreign_names_are_those_of_the_worked_example() -> None:
    values = {"documents": "Document 1 (Peru): Lima.", "question": "Which capital?", "answer": "Lima"}
    found = foreign_names(PROMPTS.messages("rationale-instructrag", **values))
    assert found == {"Tarland", "Osk"}


@pytest.mark.parametrize("nothing", ["", "  \n "])
def test_empty(nothing: str) -> None:
    assert fault(nothing, THREE, abstention=False) == "empty"
    assert fault(nothing, THREE, abstention=True) == "empty"


@pytest.mark.parametrize(
    "text",
    [
        GOLD,
        "Final answer: the River Osk.",
        "It is the Osk",  # without a field the last line counts
        "Document 1 says Limm, Document 2 says Osk.\nFinal answer: Osk",  # to quote is not to endorse
        "Documents 1, 2 and 3 were read.\n**Final answer:** Osk",
    ],
)
def test_sound(text: str) -> None:
    assert fault(text, THREE, abstention=False) == ""


@pytest.mark.parametrize(
    "text",
    [
        "The Osk is long.\nFinal answer: Melvora",
        "The Osk is long.\nFinal answer: Limm",
        "The Osk is long.\nFinal answer: I don't know",
        "The Osk is long.\nFinal answer:",
        "Final answer: Oskar",
        "Final answer: Melvora\nFinal answer: Osk",
    ],
)
def test_does_not_end_in_the_gold_answer(text: str) -> None:
    assert fault(text, THREE, abstention=False) == "does not end in the gold answer"


@pytest.mark.parametrize("end", ["I don't know", "I do not know.", "unknown"])
def test_abstention(end: str) -> None:
    assert fault(f"Neither side settles it.\nFinal answer: {end}", THREE, abstention=True) == ""


@pytest.mark.parametrize("end", ["Osk", "Limm", "Melvora"])
def test_does_not_abstain(end: str) -> None:
    assert fault(f"I don't know much.\nFinal answer: {end}", THREE, abstention=True) == "does not abstain"


ENDORSING = [
    "The correct answer is Limm.",
    "The right answer must be the Limm River.",
    "Therefore Limm.",
    "So I conclude that it is Limm.",
    "The answer is Limm!",
    "This is not hard. The answer is Limm.",  # another sentence's denial
    "The documents are not wrong\nTherefore Limm is meant",  # lines part sentences too
    "the ANSWER IS limm",
]
DENYING = [
    "The correct answer is not Limm.",
    "The answer isn't Limm.",
    "The answer isn\u2019t Limm.",
    "The correct answer can't be Limm.",
    "The correct answer cannot be Limm.",
    "The answer was never Limm, so the right answer is the other river.",
    "Therefore Limm is wrong.",
    "Document 1 contradicts my memory, therefore Limm is to be left aside.",
    "The answer is Osk rather than Limm.",
    "I conclude Osk instead of Limm.",
    "Therefore Document 1, which says Limm, is incorrect.",
    "Document 1 holds that the longest is Limm.",  # concludes nothing
    "The answer is Osk.",
]


@pytest.mark.parametrize("sentence", ENDORSING)
def test_endorses_the_counter_answer(sentence: str) -> None:
    assert fault(f"{sentence}\nFinal answer: Osk", THREE, abstention=False) == "endorses the counter-answer"
    assert fault(f"{sentence}\nFinal answer: I don't know", THREE, abstention=True) == "endorses the counter-answer"


@pytest.mark.parametrize("sentence", DENYING)
def test_denies_the_counter_answer(sentence: str) -> None:
    assert fault(f"{sentence}\nFinal answer: Osk", THREE, abstention=False) == ""


def test_a_final_answer_with_the_counter_answer_endorses_it() -> None:
    for end in ("Osk or Limm", "Osk, not Limm"):
        assert fault(f"Final answer: {end}", THREE, abstention=False) == "endorses the counter-answer"
    assert fault("Final answer: I don't know, perhaps Limm", THREE, abstention=True) == "does not abstain"


@pytest.mark.parametrize(
    "citation",
    [
        *("Document 4", "Documents 1 and 4", "Documents 1, 2, 3 and 4", "Document 0", "Documents 1-4"),
        *("Documents 1 or 4", "Documents 1, 2 & 4", "Document #4", "Document **4**", "[4]", "Doc 4"),
        "Documents 1 to 4",
    ],
)
def test_cites_a_document_that_does_not_exist(citation: str) -> None:
    text = f"{citation} helps.\nFinal answer: "
    assert fault(f"{text}Osk", THREE, abstention=False) == "cites a document that does not exist"
    assert fault(f"{text}I don't know", THREE, abstention=True) == "cites a document that does not exist"
    assert fault(f"{text}Osk", example(*["gold"] * 4), abstention=False) == (
        "cites a document that does not exist" if "0" in citation else ""
    )


def test_only_interexter_without_evidence_abstains() -> None:
    expecting = [(style, state) for style in STYLES for state in STATES if expects_abstention(style, state)]
    assert expecting == [("interexter", "neither")]


def attempts(
    replies: list[str], style: str = "instructrag", state: str = "both", row: Row = THREE, writing: Writing = WRITING
) -> tuple[Row, list[Prompt]]:
    """Run `synthesize` against these replies; return its row and the prompts that it asked."""
    conversation = synthesize(row, {"state": state}, "I remember the Osk.", style, writing)
    asked = []
    [prompt] = next(conversation)
    for reply in replies:
        asked.append(prompt)
        try:
            [prompt] = conversation.send([Generation(prompt.prompt_id, reply, "stop", 1, 1)])
        except StopIteration as stop:
            assert len(asked) == len(replies), "ended before all replies were read"
            return stop.value, asked
    raise AssertionError("asks for more")


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_accepted_at_the_nth_attempt(n: int) -> None:
    row, asked = attempts(["Final answer: Limm"] * (n - 1) + [f"  {GOLD}\n"])
    assert row == {
        "question_id": "q1",
        "condition": "clean",
        "style": "instructrag",
        "state": "both",
        "rationale": GOLD,
        "attempt": n,
        "reason": "",
    }
    assert asked[0].sampling.temperature == 0.0  # greedy first
    assert asked[0].sampling.seed == 0
    assert [p.sampling.temperature for p in asked[1:]] == [0.7] * (n - 1)
    assert len({p.prompt_id for p in asked}) == n  # so every attempt is a new question to the store
    assert len({p.messages for p in asked}) == 1
    assert {p.sampling.max_tokens for p in asked} == {99}
    assert {p.sampling.stop for p in asked} == {("\n\n",)}


def test_rejected_after_the_last_attempt_with_its_reason() -> None:
    row, asked = attempts(["", "Final answer: Limm", "Final answer: Melvora", "Document 9.\nFinal answer: Osk"])
    assert len(asked) == 4
    assert (row["attempt"], row["reason"]) == (4, "cites a document that does not exist")
    assert row["rationale"] == "Document 9.\nFinal answer: Osk"


def seeds(row: Row = THREE, style: str = "instructrag", writing: Writing = WRITING) -> list[int]:
    _, asked = attempts([""] * 4, style, "both", row, writing)
    return [p.sampling.seed for p in asked[1:]]


def test_a_writer_without_the_answers_is_asked_as_without_demonstrations_and_held_to_form_alone() -> None:
    writing = replace(WRITING, source="without-answers")
    row, [prompt] = attempts(["Document 1 names the Limm.\nFinal answer: Limm"], writing=writing)
    assert row["reason"] == ""  # nothing is asked of the answer: the writer did not see it
    told = " ".join(message.content for message in prompt.messages)
    assert "Osk is the longest" in told
    assert "Correct answer" not in told
    expected = PROMPTS.messages(
        "instructrag", documents=PROMPTS.documents(THREE["passages"]), question=THREE["question"], demonstrations=[]
    )
    assert prompt.messages == expected
    row, _ = attempts(["Document 9 says so."] * 4, writing=writing)
    assert row["reason"] == "cites a document that does not exist"
    assert attempts([" "] * 4, writing=writing)[0]["reason"] == "empty"


def test_a_writer_without_the_documents_may_cite_none() -> None:
    writing = replace(WRITING, source="without-documents")
    row, asked = attempts([GOLD, "It is known.\nFinal answer: Osk"], writing=writing)
    assert (row["attempt"], row["reason"]) == (2, "")
    assert "The Limm is the longest river." not in asked[0].messages[-1].content
    assert "Correct answer: Osk" in asked[0].messages[-1].content


def test_shipped_rationales_are_taken_as_they_are_for_the_passages_that_they_were_written_for() -> None:
    def given(text: str, *origins: str) -> str:
        row = example(*["gold"] * len(origins))
        told = [origin.split() for origin in origins]
        passages = [
            {**p, "origin": origin, "stance": (*stance, "supporting")[0]}
            for p, (origin, *stance) in zip(row["passages"], told, strict=True)
        ]
        return str(shipped({**row, "passages": passages}, {"state": "external"}, text)["reason"])

    assert given("Whatever it says.", "shipped", "shipped") == ""
    assert given("Document 2.", "shipped", "shipped") == ""
    assert given("Document 3.", "shipped", "shipped") == "cites a document that does not exist"
    assert given("", "shipped") == "none is shipped with the question"
    assert given("Document 1.", "injected", "shipped") == "written for other passages"
    assert given("Document 1.", "shipped counter", "shipped") == "written for other passages"


def run_script(folder: Path, *more: object) -> subprocess.CompletedProcess[str]:
    """Run template_rationales.py on q1 and q2 under `clean` for both styles."""
    nothing = dict.fromkeys(("file_rank", "score", "counter_answer", "injector", "seed", "parent_id", "source_id"))
    about = {"origin": "shipped", "stance": "supporting", **nothing}
    rows = [example("gold", "none", question_id=q, subject="", relation="", popularity=0.0) for q in ("q1", "q2")]
    for row in rows:
        row["passages"] = [{**p, **about, "passage_id": f"p{p['rank']}"} for p in row["passages"]]
    write_rows(folder / "examples.parquet", rows, EXAMPLES)
    flags = {"memory_gold": False, "memory_counter": False, "passages_gold": True, "passages_counter": False}
    known = {"condition": "clean", **believed("neither"), "state": "external", **flags}
    write_rows(folder / "evidence.parquet", [known | {"question_id": row["question_id"]} for row in rows], EVIDENCE)
    write_rows(folder / "recall.parquet", [recalled(row["question_id"], document="x") for row in rows], RECALL)
    command: list[object] = [sys.executable, Path(rationales.__file__).parents[2] / "template_rationales.py"]
    for name in ("examples", "evidence", "recall"):
        command += [f"--{name}", folder / f"{name}.parquet"]
    styles = {"instructrag": ["clean"], "interexter": ["clean"]}
    command += ["--styles", json.dumps(styles), "--out", folder / "out.parquet", "--rejected", folder / "no.parquet"]
    return subprocess.run(list(map(str, [*command, *more])), check=False, capture_output=True, text=True)


def test_the_script_takes_shipped_rationales_and_says_which_questions_have_none(tmp_path: Path) -> None:
    write_rows(tmp_path / "shipped.parquet", [{"question_id": "q2", "rationale": "Document 1."}], SHIPPED_RATIONALES)
    done = run_script(tmp_path, "--shipped", tmp_path / "shipped.parquet")
    assert "rationales: n_in=2 n_out=1 n_rejected=1" in done.stdout, done.stderr
    [row] = read_rows(tmp_path / "out.parquet", RATIONALES)
    assert (row["question_id"], row["style"], row["rationale"]) == ("q2", "instructrag", "Document 1.")
    [left] = read_rows(tmp_path / "no.parquet", RATIONALES_REJECTED)
    assert (left["question_id"], left["reason"]) == ("q1", "none is shipped with the question")
    done = run_script(tmp_path)
    assert "rationales: n_in=4 n_out=4 n_rejected=0" in done.stdout, done.stderr


def test_later_attempts_have_seeds_of_their_own() -> None:
    others = [
        seeds(),
        seeds({**THREE, "question_id": "q2"}),
        seeds({**THREE, "condition": "replaced"}),
        seeds(style="interexter"),
        seeds(writing=Writing(PROMPTS, 99, 4, 0.7, seed=43)),
    ]
    flat = [seed for found in others for seed in found]
    assert len(set(flat)) == len(flat) == 15
    assert all(0 < seed < 2**31 for seed in flat)  # what a sampler takes
    assert seeds() == others[0]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("style", STYLES)
def test_the_guide_is_that_of_style_and_state(style: str, state: str) -> None:
    end = "I don't know" if expects_abstention(style, state) else "Osk"
    row, [prompt] = attempts([f"Final answer: {end}"], style, state)
    assert row["reason"] == ""
    system, last = prompt.messages[0], prompt.messages[-1]
    guide = "rationale-instructrag" if style == "instructrag" else f"rationale-interexter-{state}"
    head = (PROMPTS._folder / f"{guide}.j2").read_text().split("\n")[1]
    assert system == ("system", head)
    assert "Document 2 (T2): The Osk is the longest river." in last.content
    assert ("Correct answer: Osk" in last.content) == (not expects_abstention(style, state))
    assert ("I remember the Osk." in last.content) == (style == "interexter")
    assert "Limm" not in last.content.replace(TEXTS["counter"], "")  # the counter-answer is not told
    assert prompt.sampling == Sampling(99, stop=("\n\n",), asked="field")


@pytest.mark.parametrize("template", [t for t in rationales.TEMPLATES if t != "documents"])
def test_the_example_in_a_guide_is_sound_and_has_the_lines_that_it_asks_for(template: str) -> None:
    messages = PROMPTS.messages(template, documents="", internal_document="", question="", answer="")
    [shown] = [m.content for m in messages if m.role == "assistant"]
    asked_for = re.findall(r'"([A-Z][a-z ]+:)"', messages[0].content) or ["Final answer:"]
    assert [line.split(":")[0] + ":" for line in shown.splitlines()][-len(asked_for) :] == asked_for
    assert fault(shown, example("none", "none"), abstention=template.endswith("neither")) == ""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("style", STYLES)
def test_rationales_by_rule_are_sound(style: str, state: str, tmp_path: Path) -> None:
    helpful = state in ("both", "external")
    row = example("counter", "gold" if helpful else "none", "none")
    row["passages"].reverse()  # ranks count, not places
    memory = TEXTS["gold"] if state in ("both", "internal") else "Tarland has many rivers."
    made = from_template(row, {"state": state}, memory, style)
    assert fault(made["rationale"], row, expects_abstention(style, state)) == ""
    assert cited(made["rationale"]) == ([2] if helpful else [])
    assert (memory in made["rationale"]) == (style == "interexter")
    assert (made["state"], made["style"], made["attempt"]) == (state, style, 0)  # no model was asked
    accepted, _ = attempts(
        [f"Final answer: {'I do not know' if expects_abstention(style, state) else 'Osk'}"], style, state
    )
    del accepted["reason"]
    write_rows(tmp_path / "r.parquet", [made, accepted], RATIONALES)
