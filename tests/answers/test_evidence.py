"""Evidence: each column and state on rows written by hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from injection_rows import SCRIPTS, passage
from interexter.answers.evidence import evidence
from interexter.answers.schemas import EVIDENCE, RECALL
from interexter.core.errors import UserError
from interexter.core.tables import Row, read_rows, write_rows
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES
from interexter.text.choices import with_choices
from interexter.text.evidence_states import STATES
from interexter.text.memory import MEMORIES
from recall_rows import believed, recalled


def example(*passages: Row, question_id: str = "q") -> Row:
    return {
        "question_id": question_id,
        "condition": "clean",
        "question": "What is the capital of Peru?",
        "answers": ["Lima", "Ciudad de los Reyes"],
        "counter_answer": "Oslo",
        "counter_aliases": ["Oslo", "Christiania"],
        "other_names": [],
        "subject": "Peru",
        "relation": "capital",
        "popularity": 0.0,
        "passages": list(passages),
    }


def memory(document: str = "", answer: str = "") -> Row:
    return recalled("q", answer, document)


def columns(row: Row, remembered: Row) -> Row:
    (found,) = evidence([row], [remembered])
    return found


@pytest.mark.parametrize(
    ("document", "gold", "counter"),
    [
        ("Peru is governed from Ciudad de los Reyes.", True, False),
        ("I believe it is Christiania.", False, True),
        ("Lima, not Oslo.", True, True),
        ("Limassol and Oslofjord.", False, False),
        ("", False, False),
    ],
)
def test_memory_is_what_the_internal_document_holds(document: str, gold: bool, counter: bool) -> None:
    found = columns(example(), memory(document))
    assert (found["memory_gold"], found["memory_counter"]) == (gold, counter)


@pytest.mark.parametrize(
    ("title", "text", "gold", "counter"),
    [
        ("", "Lima.", True, False),
        ("Lima", "A city.", True, False),
        ("Christiania", "A city.", False, True),
        ("Oslo", "Lima.", True, True),
        ("Bread", "Limassol.", False, False),
    ],
)
def test_passages_are_judged_by_title_and_text_of_any(title: str, text: str, gold: bool, counter: bool) -> None:
    found = columns(example(passage("Snow."), passage(text, title=title)), memory())
    assert (found["passages_gold"], found["passages_counter"]) == (gold, counter)


def test_the_state_follows_from_memory_and_passages() -> None:
    assert columns(example(passage("Lima.")), memory("Oslo."))["state"] == "external"
    assert columns(example(passage("Oslo.")), memory("Lima."))["state"] == "internal"


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("It may be Oslo.\nFinal answer: Lima", "gold"),
        ("Lima is known.\nFinal answer: **Christiania**", "counter"),
        ("Lima or Oslo", "both"),
        ("Cusco", "neither"),
        ("Final answer: I don't know", "abstain"),
        ("", "abstain"),
    ],
)
def test_the_closed_book_label_reads_the_final_answer(answer: str, label: str) -> None:
    found = columns(example(), memory("Lima", answer))
    assert found["closed_book_label"] == label
    assert found["memory_gold"]


@pytest.mark.parametrize(
    ("answer", "samples", "agreement", "memory"),
    [
        ("Lima", [], 1.0, "gold"),
        ("Lima", ["Lima", "Oslo"], 0.5, "gold"),
        ("Lima", ["Oslo", "Cusco", "Lima"], 1 / 3, "unstable"),
        ("Oslo", ["Oslo"], 1.0, "counter"),
        ("Cusco", ["Arequipa", "Lima"], 0.5, "other"),
        ("Lima or Oslo", [], 1.0, "unstable"),
        ("I don't know", ["Lima", "Lima"], 0.0, "none"),
    ],
)
def test_memory_is_what_greedy_and_sampled_answers_agree_on(
    answer: str, samples: list[str], agreement: float, memory: str
) -> None:
    said = [{"text": sample, "finished": True} for sample in samples]
    found = columns(example(), recalled("q", answer, closed_book_samples=said))
    assert (found["closed_book_agreement"], found["memory"]) == (agreement, memory)
    assert found["memory"] in MEMORIES


def test_a_closed_book_answer_that_was_cut_is_no_memory() -> None:
    found = columns(example(), recalled("q", "The capital is", closed_book_finished=False))
    assert (found["closed_book_label"], found["memory"]) == ("unfinished", "none")


def test_a_question_without_recall_is_an_error() -> None:
    with pytest.raises(UserError, match="q2 has no row in the recall table"):
        evidence([example(question_id="q2")], [memory()])


def test_script(tmp_path: Path) -> None:
    write_rows(tmp_path / "e.parquet", [example(passage("Lima.")), example(question_id="q2")], EXAMPLES)
    write_rows(tmp_path / "m.parquet", [memory("Lima.", "Lima")], RECALL)
    command = [sys.executable, SCRIPTS / "evidence.py", "--examples", tmp_path / "e.parquet"]
    command += ["--recall", tmp_path / "m.parquet", "--out", tmp_path / "o.parquet"]
    command += ["--rejected", tmp_path / "x.parquet", "--asked", "yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "evidence: n_in=2 n_out=1 n_rejected=1 both=1 external=0 internal=0 neither=0\n"
    assert read_rows(tmp_path / "o.parquet", EVIDENCE) == [
        {
            "question_id": "q",
            "condition": "clean",
            "memory_gold": True,
            "memory_counter": False,
            **believed("gold"),
            "passages_gold": True,
            "passages_counter": False,
            "state": "both",
        }
    ]
    refused = read_rows(tmp_path / "x.parquet", REJECTED_EXAMPLES)
    assert [(r["condition"], r["question_id"]) for r in refused] == [("clean", "q2")]
    assert STATES == ("both", "external", "internal", "neither")
    command[-1] = "no"  # then nobody is refused for not having been asked
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "evidence: n_in=2 n_out=2 n_rejected=0 both=0 external=1 internal=0 neither=1\n"


def test_where_a_question_was_not_asked_memory_says_nothing_and_the_passages_tell_the_state() -> None:
    [held, bare] = evidence([example(passage("Lima.")), example()], None)
    unasked = {"memory_gold": False, "memory_counter": False, "closed_book_label": "", "memory": ""}
    assert unasked.items() <= held.items() and unasked.items() <= bare.items()
    assert (held["state"], bare["state"]) == ("external", "neither")


def test_what_passages_say_of_yes_or_no_is_told_by_their_stance() -> None:
    example = {
        "question_id": "q",
        "condition": "c",
        "question": "Is it high?",
        "answers": ["yes", "true"],
        "counter_aliases": ["no", "false"],
        "other_names": [],
        "passages": [passage("There is no doubt that it is high.", stance="supporting")],
    }
    memory = recalled("q", "Final answer: no", "Yes, it is.")
    (row,) = evidence([example], [memory])
    assert (row["passages_gold"], row["passages_counter"], row["closed_book_label"]) == (True, False, "counter")
    assert (row["memory_gold"], row["state"]) == (True, "both")  # a model says it, and is held to its words


def test_a_choice_is_implied_and_told_by_the_label() -> None:
    asked = with_choices("Where is it?", ["Lima", "Oslo"])
    shown = {**example(passage("It lies on the coast.", stance="supporting")), "question": asked}
    (row,) = evidence([shown], [recalled("q", "Final answer: Oslo", "Oslo.")])
    assert (row["passages_gold"], row["passages_counter"], row["state"]) == (True, False, "external")


@pytest.mark.parametrize(
    ("document", "title", "text", "gold", "stated", "published"),
    [
        ("", "", "It is in Lima.", ["Lima"], "external", "external"),
        ("", "", "Limassol is in Cyprus.", ["Lima"], "neither", "external"),  # letters within a word
        ("Peru, a land", "", "", ["lan"], "neither", "internal"),
        ("", "Lima", "A city.", ["Lima"], "external", "neither"),  # a title is not read
        ("The U.S.", "", "", ["US"], "internal", "internal"),
        ("Ciudad de los Reyes", "", "LIMA!", ["Lima", "Ciudad de los Reyes"], "both", "both"),
        ("", "", "A city.", ["The"], "neither", "both"),  # of which the normalization leaves nothing
    ],
)
def test_states_by_the_published_rule(
    document: str, title: str, text: str, gold: list[str], stated: str, published: str
) -> None:
    row = {**example(passage(text, title)), "answers": gold}
    [ours] = evidence([row], [memory(document)])
    [theirs] = evidence([row], [memory(document)], "as-published")
    assert (ours["state"], theirs["state"]) == (stated, published)
    assert {**ours, "state": ""} == {**theirs, "state": ""}  # nothing else goes by that rule
