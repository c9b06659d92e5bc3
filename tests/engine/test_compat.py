"""What differs from the predecessors' code: a test for each line of docs/compat.md, from a file to the prompt.

What their code does is stated here as a rule, in our words; the page names the commits that it was read at. Each test
tells both outcomes on one file of their format, which our loader reads.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from data_sets import Prepared, write_array
from interexter.answers import methods, recall
from interexter.answers.evidence import evidence
from interexter.answers.methods import Ask, visible
from interexter.answers.rationale_checks import Written, fault
from interexter.answers.rationale_writing import Writing, synthesize
from interexter.answers.schemas import EVIDENCE
from interexter.core import tables
from interexter.core.tables import Row
from interexter.data.schemas import RETRIEVED
from interexter.engine.prompts import PromptSet
from interexter.injection import compose
from interexter.retrieval import search
from interexter.text.evidence_states import STATES
from interexter.training.rows import candidates
from recall_rows import recalled
from test_published_prompts import TEXTS, WORKED, prompts

ROOT = Path(__file__).parents[2]
MEMORY = "# Osk\n\nIt is long."
SHOWN = [{"question": "Who?", "rationale": "So A.", "answers": ["A"]}]
tested: list[str] = []  # how the lines begin that have a test here
ELSEWHERE = {  # those whose test needs more than prompts
    "A prompt is decoded to text": "tests/models/test_tokenizer.py::test_a_prompt_is_chatml_that_begins_once",
    "A long prompt is cut": "tests/answers/test_answering.py::"
    "test_every_example_is_asked_with_every_method_in_order_or_rejected",
    "The prompts of table 4's ablations": "tests/answers/test_rationales.py::"
    "test_a_writer_without_the_answers_is_asked_as_without_demonstrations_and_held_to_form_alone",
    "A generation ends at": "tests/models/test_chat_templates.py::"
    "test_a_generation_ends_where_training_ended_it_and_where_all_text_ends",
    "vLLM adds the adapter": "tests/models/test_adapters.py::test_merged_weights_are_the_bases_and_the_scaled_product",
    "A record that lacks something": "tests/data/test_instructrag_data.py::"
    "test_what_cannot_be_used_is_rejected_by_name",
    "A demonstration may be": "tests/data/test_instructrag_data.py::"
    "test_a_demonstration_may_be_a_training_question_and_no_test_question",
}


def line(begins: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which line of the page a test is of."""
    tested.append(begins)
    return lambda test: test


def context(name: str, score: Any, text: str = "") -> Row:
    return {"id": name, "title": f"On {name}", "text": text or f"The {name} is long.", "score": score}


def record(*contexts: Row, **other: Any) -> Row:
    answers = {"question": "Which river is the longest", "answers": ["Osk", "the Osk"], "qa_pairs": None}
    return {**answers, "ctxs": list(contexts), **other}


def example(folder: Path, read: Row, k: int = 5, order: str = "as-published") -> Row:
    """The example of a record under `clean`, as the stages make it: load, take its passages, compose."""
    write_array(folder / "PopQA" / "test.json", [read])
    source = {"kind": "local", "layout": "instructrag", "path": str(folder), "folder": "PopQA"}
    done = Prepared(folder / "out", source)
    found = list(search.shipped(done.questions, tables.batches(done.paths.passages, RETRIEVED), 20))
    clean = compose.condition("clean", "0", "keep", "first", "all")
    [row], _ = compose.compose(done.questions, found, [], clean, k, 0, order)
    return {**row, "internal_document": MEMORY}


def asked(method: str, row: Row, of: PromptSet, demonstrations: Sequence[Row] = ()) -> str:
    """What a method is asked about an example."""
    module = methods.load(method)
    [prompt] = next(module.answer(visible(row, module), Ask(of, 8, 64, (), demonstrations)))
    [message] = prompt.messages
    return message.content


def rationale(row: Row, state: str, of: PromptSet, style: str = "interexter") -> str:
    [prompt] = next(synthesize(row, {"state": state}, MEMORY, style, Writing(of, 64, 1, 0.7, 0)))
    [message] = prompt.messages
    return message.content


def titles(prompt: str) -> str:
    """The documents of a prompt by the last words of their titles, in order."""
    return " ".join(re.findall(r"^Document \d+ \(Title: On (\w+)\)", prompt, re.MULTILINE))


def first_as_text_is_greater(contexts: Sequence[Row]) -> bool:
    """Their rule: scores as they stand in the file, which are texts there."""
    return bool(contexts[0]["score"] > contexts[1]["score"])


@line("InstructRAG's training prompts hold")
def test_training_asks_the_question_that_inference_asks(tmp_path: Path) -> None:
    row, of = example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path)
    for style in ("instructrag", "interexter"):
        trained = asked(f"{style}-ft", row, of)
        assert "which river is the longest?" in trained and "{question}" not in trained  # theirs: {question}, then it
        assert trained == asked(f"{style}-icl", row, of)


@line("Llama-3's special tokens")
def test_the_files_special_tokens_are_not_used(tmp_path: Path) -> None:
    row, of = example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path)
    theirs = f"{TEXTS['user_prefix']}{asked('vanilla-rag', row, of)}{TEXTS['assistant_prefix']}"
    assert theirs.startswith("<|user|>") and theirs.endswith("<|assistant|>")
    for method in ("vanilla-rag", "instructrag-icl", "interexter-icl", "closed-book"):
        assert "<|" not in asked(method, row, of, SHOWN)


@line("Documents are reversed if")
@pytest.mark.parametrize(
    ("scores", "ours"),
    [(("9.5", "10.5"), "first second"), (("10.5", "9.5"), "second first"), ((9.5, 10.5), "first second")],
)
def test_scores_are_numbers(scores: tuple[Any, Any], ours: str, tmp_path: Path) -> None:
    contexts = [context(name, score) for name, score in zip(("first", "second"), scores, strict=True)]
    theirs = "second first" if first_as_text_is_greater(contexts) else "first second"
    assert (theirs == ours) == isinstance(scores[0], float)  # "9.5" is greater than "10.5"
    assert titles(asked("vanilla-rag", example(tmp_path, record(*contexts)), prompts(tmp_path))) == ours


@line("One document alone")
def test_one_document_is_shown(tmp_path: Path) -> None:
    contexts = [context("Osk", "2")]
    with pytest.raises(IndexError):
        first_as_text_is_greater(contexts)
    assert titles(asked("vanilla-rag", example(tmp_path, record(*contexts)), prompts(tmp_path))) == "Osk"


@line("`--n_docs k` takes")
def test_the_k_best_are_shown(tmp_path: Path) -> None:
    contexts = [context(name, score) for name, score in (("c", "1"), ("b", "2"), ("a", "3"))]
    assert [one["id"] for one in contexts[:2]] == ["c", "b"]  # theirs: the worst of a file that is best-last
    assert titles(asked("vanilla-rag", example(tmp_path, record(*contexts), k=2), prompts(tmp_path))) == "b a"


def lost_in_the_middle(shown: list[str]) -> str:
    """Their rule: from the front and the back in turn."""
    taken = [shown[i // 2] if i % 2 == 0 else shown[-1 - i // 2] for i in range(len(shown))]
    return " ".join(taken)


@line('"Lost in the middle" takes')
def test_the_best_stand_at_both_ends(tmp_path: Path) -> None:
    contexts = [context(name, score) for name, score in zip("edcba", "12345", strict=True)]  # best last
    assert lost_in_the_middle(list("edcba")) == "e a d b c"
    row = example(tmp_path, record(*contexts), order="lost-in-the-middle")
    assert titles(asked("vanilla-rag", row, prompts(tmp_path))) == "a c e d b"


@line("In that order InterExterRAG counts")
def test_the_internal_document_follows_the_documents_in_every_order(tmp_path: Path) -> None:
    contexts = [context(name, score) for name, score in zip("ba", "12", strict=True)]
    assert lost_in_the_middle(["b", "a", "memory"]) == "b memory a"
    for order in ("lost-in-the-middle", "best-first", "as-published"):
        prompt = asked("interexter-ft", example(tmp_path / order, record(*contexts), order=order), prompts(tmp_path))
        assert prompt.rindex("Document ") < prompt.index("Internal Knowledge") < prompt.index("WEIGH")


@line("InterExterRAG's prompts for InstructRAG's methods")
def test_the_internal_document_is_shown_to_interexter_methods_alone(tmp_path: Path) -> None:
    row, of = example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path)
    for method in ("vanilla-rag", "few-shot", "instructrag-icl", "instructrag-ft"):
        assert MEMORY not in asked(method, row, of, SHOWN)  # theirs: in each
    assert MEMORY in asked("interexter-ft", row, of)
    assert MEMORY not in rationale(row, "both", of, "instructrag")
    assert MEMORY in rationale(row, "both", of)


@line("The prompt that asks for the internal document")
def test_memory_is_asked_without_documents(tmp_path: Path) -> None:
    row = example(tmp_path, record(context("Osk", "2")))
    *_, document = next(recall.recall({**row, "split": "train"}, recall.Probing(prompts(tmp_path), 8, 64)))
    [message] = document.messages
    assert message.content == TEXTS["internal_generation_instruction"].format(question="which river is the longest?")
    assert "Document 1" not in message.content  # theirs goes on with it


@line("The worked examples")
def test_worked_examples_are_the_users(tmp_path: Path) -> None:
    row = example(tmp_path, record(context("Osk", "2")))
    of = prompts(tmp_path, "interexter-worked", texts={**TEXTS, **WORKED})
    for state in STATES:
        guided = rationale(row, state, of)
        assert guided.index("NOTE on PopQA.") < guided.index(f"{{the {state}}}") < guided.index("Document 1")
        assert guided.endswith(MEMORY)


@line("Spaces and line ends around")
def test_outer_spaces_are_stripped_and_inner_ones_stay(tmp_path: Path) -> None:
    spaced = {**context("Osk", "2", "  The  Osk\nis long. \n"), "title": " On Osk "}
    row = example(tmp_path, record(spaced, question=" Which river? "))
    prompt = asked("vanilla-rag", row, prompts(tmp_path))
    assert prompt.startswith("Document 1 (Title: On Osk): The  Osk\nis long.\n\n")  # theirs: with every space
    assert prompt.endswith("which river?")  # theirs: " Which river? ?"


@line("A passage or an answer that stands twice")
def test_what_stands_twice_is_shown_once(tmp_path: Path) -> None:
    contexts = [context("Osk", "2"), context("Osk", "1"), context("Limm", "3")]
    row = example(tmp_path, record(*contexts, answers=["Osk", "Osk"]))
    assert titles(asked("vanilla-rag", row, prompts(tmp_path))).split() == ["Osk", "Limm"]
    assert "['Osk']" in rationale(row, "both", prompts(tmp_path))  # theirs: ['Osk', 'Osk']


PAIRS = [{"question": "Longest?", "short_answers": ["Osk"]}, {"question": "Widest?", "short_answers": ["Limm"]}]
PARAGRAPH = "The Osk is the longest river, and the Limm the widest."


@line("On ASQA, rationale prompts and")
def test_the_answers_of_asqa_are_the_short_ones(tmp_path: Path) -> None:
    asqa = record(context("Osk", "2"), answers=[PARAGRAPH], qa_pairs=PAIRS)
    row, of = example(tmp_path, asqa), prompts(tmp_path)
    write_array(tmp_path / "demos.json", [{**asqa, "question": "Which is wide?", "rationale": "So Limm."}])
    demonstrations = Prepared(tmp_path / "d", {"kind": "local", "layout": "instructrag", "path": str(tmp_path)})
    [shown] = demonstrations.demonstrations["instructrag"]
    for prompt, ours in (
        (rationale(row, "both", of), "['Osk', 'Limm']"),
        (asked("few-shot", row, of, [shown]), "Osk, Limm"),
    ):
        assert ours in prompt and PARAGRAPH not in prompt  # theirs: the one paragraph


@line("A side holds the answer")
def test_states_go_by_words_unless_the_published_rule_is_chosen(tmp_path: Path) -> None:
    row = example(tmp_path, record({**context("x", "2", "The Oskar line."), "title": "Osk"}, answers=["Osk"]))
    memory = [recalled(row["question_id"], "Osk", "An Oskan river.")]
    [stated], [published] = evidence([row], memory), evidence([row], memory, "as-published")
    assert (stated["state"], published["state"]) == ("external", "both")  # by its title; by letters in both texts


@line("The paper's vanilla SFT")
def test_what_vanilla_sft_learns_is_the_preferred_gold_answer(tmp_path: Path) -> None:
    row = example(tmp_path, record(context("Osk", "2"), answers=[PARAGRAPH], qa_pairs=PAIRS))
    known = evidence([row], [recalled(row["question_id"], "Osk", MEMORY)])
    tables.write_rows(tmp_path / "evidence.parquet", known, EVIDENCE)
    examples = {(row["question_id"], "clean"): row}
    [target] = candidates("answer", examples, tmp_path / "evidence.parquet", tmp_path / "none.parquet")
    assert target["completion"] == "Osk"


@line("All rationales are trained on")
def test_unsound_rationales_are_taken_on_request_alone(tmp_path: Path) -> None:
    row = example(tmp_path, record(context("Osk", "2")))
    wrong = Written("Document 9 says so. Final answer: Limm", {**row, "counter_aliases": []}, "instructrag", "both")
    assert [bool(fault(wrong, check)) for check in ("full", "answer", "none")] == [True, True, False]


def test_every_line_of_the_page_has_a_test_and_every_test_a_line() -> None:
    page = (ROOT / "docs/compat.md").read_text(encoding="utf-8").split("## What differs")[1]
    rows = re.findall(r"^\| (.+?) \| .+ \|$", page, re.MULTILINE)[1:]
    begins = [*tested, *ELSEWHERE]
    for row in rows:
        assert sum(row.startswith(one) for one in begins) == 1, row
    for one in begins:
        assert sum(row.startswith(one) for row in rows) == 1, one
    assert len(rows) > 15
    for place in ELSEWHERE.values():
        file, name = place.split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), place
