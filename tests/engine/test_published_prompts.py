"""Published prompt sets: built from a made-up file of the same keys, whose texts are not the authors'."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from interexter.answers import methods, recall
from interexter.answers.methods import Ask
from interexter.answers.rationale_writing import Writing, synthesize
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.engine import prompt_files, published_prompts
from interexter.engine.conversations import Generation, Prompt
from interexter.engine.prompts import PromptSet
from interexter.engine.published_prompts import Source, normalized_question, open_prompts
from interexter.text.evidence_states import STATES

NOTES = ("ASQA", "PopQA", "TriviaQA", "NaturalQuestions", "2WikiMultiHopQA")
TEXTS = {
    "user_prefix": "<|user|>",
    "assistant_prefix": "<|assistant|>",
    "query_prompt": "QUERY:\n{question}",
    "query_prompt_inter_exter": "GENERAL: {question}",
    "query_prompt_inter_exter_sp": "WEIGH {question}\n- one\n- two.",
    "demo_task_instruction": "TASK.\n\n",
    "demo_prefix": "READ for {question}\n\n",
    "demo_postfix": "###\n\nTURN.\n\n",
    "internal_generation_instruction": "BACKGROUND.\n\nQuestion: {question}\n\nDocument:",
    "rationale_generation_instruction": "EXPLAIN '{question}' by {answers}.\n\n",
    "rationale_generation_instruction_inter_exter": "BOTH SIDES '{question}' by {answers}.\n\n",
    **{f"rationale_generation_postfix_{name}": f"NOTE on {name}." for name in NOTES},
    **{
        f"rationale_generation_instruction_{who}_gd_prefix": f"{who.upper()} knows {{question}}: {{answers}}."
        for who in ("inter_exter", "exter", "inter", "no")
    },
}
WORKED = {
    published_prompts.BEFORE_EXAMPLE: "\n\nLOOK:\n\n",
    published_prompts.AFTER_EXAMPLE: "\n\n###TURN to {question}: {answers}.\n\n",
    **published_prompts.worked_examples({state: f"So it is {{the {state}}}." for state in STATES}),
}
CHINESE = {k: v for k, v in TEXTS.items() if not k.endswith(("_sp", "_gd_prefix"))}
PASSAGES = [
    {"title": "Limm", "text": "The Limm is long.", "rank": 2},
    {"title": "Osk {question}", "text": "The Osk is longer.", "rank": 1},
]
TASK: Row = {"question": "Which river is the longest", "passages": PASSAGES, "internal_document": "I know the Osk."}
ASKED = "which river is the longest?"
DOCUMENTS = "Document 1 (Title: Osk {question}): The Osk is longer.\n\nDocument 2 (Title: Limm): The Limm is long."
SHOWN = [
    {"question": "Who?", "rationale": "So A.", "answers": ["A", "a"]},
    {"question": ".. What is it", "rationale": "So B.", "answers": ["B"]},
]
MEMORY = "Internal Knowledge (Background Information): I know the Osk."


def prompts(folder: Path, name: str = "interexter", note: str = "PopQA", texts: dict[str, str] = TEXTS) -> PromptSet:
    published_prompts.write(name, texts, note, folder / "set.json")
    return open_prompts(str(folder / "set.json"))


def asked(name: str, of: PromptSet, demonstrations: list[Row], task: Row = TASK) -> str:
    """The one user turn of a method's prompt."""
    [prompt] = next(methods.load(name).answer(task, Ask(of, 8, 64, (), demonstrations)))
    [message] = prompt.messages
    assert message.role == "user"
    return message.content


def demonstrations(shown: str) -> str:
    one, other = {"rationale": ("So A.", "So B."), "answers": ("A, a", "B")}[shown]
    return (
        f"###\n\nExample 1\n\nQuestion: who?\n\nAnswer: {one}\n\n"
        f"###\n\nExample 2\n\nQuestion: what is it?\n\nAnswer: {other}\n\n###\n\nTURN.\n\n"
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who wrote it?", "who wrote it?"),
        ("who wrote it", "who wrote it?"),
        ("... Who wrote it", "who wrote it?"),
        ("U.S. capital", "u.S. capital?"),
        ("Who? ", "who? ?"),  # as the code has it
        ("?", "?"),
        ("", "?"),
        (".", "?"),
    ],
)
def test_questions_are_normalized_as_published(question: str, expected: str) -> None:
    assert normalized_question(question) == expected


def test_answering_prompts(tmp_path: Path) -> None:
    of = prompts(tmp_path)
    plain = f"{DOCUMENTS}\n\nQUERY:\n{ASKED}"
    assert asked("vanilla-rag", of, []) == plain
    assert asked("instructrag-ft", of, []) == plain
    assert asked("instructrag-icl", of, SHOWN) == f"TASK.\n\n{demonstrations('rationale')}{plain}"
    assert asked("few-shot", of, SHOWN) == f"{demonstrations('answers')}{plain}"
    assert asked("few-shot", of, []) == plain
    assert asked("closed-book", of, []) == f"QUERY:\n{ASKED}"
    weighed = f"{DOCUMENTS}\n\n{MEMORY}\n\nWEIGH {ASKED}\n- one\n- two."
    assert asked("interexter-ft", of, []) == weighed
    assert asked("interexter-icl", of, SHOWN) == f"TASK.\n\n{demonstrations('rationale')}{weighed}"


def test_an_internal_document_keeps_its_lines(tmp_path: Path) -> None:
    of = prompts(tmp_path)
    question = {**TASK, "answers": ["Osk"], "split": "train", "question_id": "q"}
    conversation = recall.recall(question, recall.Probing(of, 8, 64))
    said = [Generation(prompt.prompt_id, "# Osk\n\n- long\n", "stop", 1, 1) for prompt in next(conversation)]
    with pytest.raises(StopIteration) as stop:
        conversation.send(said)
    task = {**TASK, "internal_document": stop.value.value["internal_document"]}
    assert "(Background Information): # Osk\n\n- long\n\nWEIGH" in asked("interexter-ft", of, [], task)


def test_recall_prompts(tmp_path: Path) -> None:
    question = {**TASK, "answers": ["Osk"], "split": "train"}
    closed_book, internal = next(recall.recall(question, recall.Probing(prompts(tmp_path), 8, 64)))
    assert closed_book.messages == (("user", f"QUERY:\n{ASKED}"),)
    assert internal.messages == (("user", f"BACKGROUND.\n\nQuestion: {ASKED}\n\nDocument:"),)  # without documents
    _, ours = next(recall.recall(question, recall.Probing(prompts(tmp_path, "instructrag"), 8, 64)))
    assert ours.messages == PromptSet("ours").messages("internal-document", question=TASK["question"])


def rationale(of: PromptSet, style: str, state: str) -> str:
    example = {**TASK, "question_id": "q", "condition": "clean", "answers": ["Osk", "the Osk"]}
    [prompt] = next(synthesize(example, {"state": state}, "I know the Osk.", style, Writing(of, 64, 1, 0.7, 0)))
    assert isinstance(prompt, Prompt)
    [message] = prompt.messages
    return message.content


ANSWERS = "['Osk', 'the Osk']"


def test_rationale_prompts(tmp_path: Path) -> None:
    of = prompts(tmp_path)
    expected = f"READ for {ASKED}\n\n{DOCUMENTS}\n\nEXPLAIN '{ASKED}' by {ANSWERS}.\n\nNOTE on PopQA."
    assert rationale(of, "instructrag", "both") == expected
    for state, who in {"both": "INTER_EXTER", "external": "EXTER", "internal": "INTER", "neither": "NO"}.items():
        expected = f"{DOCUMENTS}\n\n{MEMORY}\n\n{who} knows {ASKED}: {ANSWERS}.NOTE on PopQA."
        assert rationale(of, "interexter", state) == expected


def test_long_answers_stand_in_a_rationales_prompt_as_in_the_authors(tmp_path: Path) -> None:
    example = {**TASK, "question_id": "q", "condition": "clean", "answers": ["Osk", "the Osk"]}
    writing = Writing(prompts(tmp_path), 64, 1, 0.7, 0)
    for style in ("instructrag", "interexter"):
        [prompt] = next(synthesize(example, {"state": "both"}, "", style, writing, ["Through Avel flows the Osk."]))
        [message] = prompt.messages
        assert "['Through Avel flows the Osk.']" in message.content and ANSWERS not in message.content


def test_the_general_guide_is_that_of_all_states(tmp_path: Path) -> None:
    of = prompts(tmp_path, "interexter-general")
    expected = f"{DOCUMENTS}\n\n{MEMORY}\n\nBOTH SIDES '{ASKED}' by {ANSWERS}.\n\nNOTE on PopQA."
    assert {rationale(of, "interexter", state) for state in STATES} == {expected}
    assert asked("interexter-ft", of, []) == asked("interexter-ft", prompts(tmp_path), [])


def test_a_worked_example_stands_between_its_states_guide_and_the_documents(tmp_path: Path) -> None:
    of = prompts(tmp_path, "interexter-worked", texts={**TEXTS, **WORKED})
    for state, who in {"both": "INTER_EXTER", "external": "EXTER", "internal": "INTER", "neither": "NO"}.items():
        guide = f"{who} knows {ASKED}: {ANSWERS}.NOTE on PopQA."
        example = f"LOOK:\n\nSo it is {{the {state}}}.\n\n###TURN to {ASKED}: {ANSWERS}."
        assert rationale(of, "interexter", state) == f"{guide}\n\n{example}\n\n{DOCUMENTS}\n\n{MEMORY}"
    assert asked("interexter-ft", of, []) == asked("interexter-ft", prompts(tmp_path), [])


def test_worked_examples_are_a_text_for_each_state_by_our_names_or_theirs(tmp_path: Path) -> None:
    file = tmp_path / "examples.json"
    ours = {state: f"{state}." for state in STATES}
    names = {"both": "inter_exter", "external": "exter", "internal": "inter", "neither": "no"}
    theirs = {f"rationale_generation_instruction_{names[state]}_gd_prefix": text for state, text in ours.items()}
    for given in (ours, theirs):
        file.write_text(json.dumps(given))
        assert prompt_files.worked_examples(file) == {f"example_{state}": f"{state}." for state in STATES}
    for given, said in (
        ({**ours, "neither": " "}, r"examples\.json: worked examples: no text for neither; expected one for each"),
        ([], "expected a JSON object of a text for each evidence state"),
    ):
        file.write_text(json.dumps(given))
        with pytest.raises(UserError, match=said):
            prompt_files.worked_examples(file)
    with pytest.raises(UserError, match=r"none\.json: not a readable JSON file"):
        prompt_files.worked_examples(tmp_path / "none.json")


def test_two_texts_are_read_from_a_program_that_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rag, program = tmp_path / "rag.json", tmp_path / "data_utils.py"
    rag.write_text(json.dumps(TEXTS))
    program.write_text(
        "raise SystemExit\n\ndef other():\n    return '\\n\\nno'\n\n"
        "def diff_rationale_gen(example, shown):\n"
        "    guide = example['a b'] + '\\n'\n"
        "    return guide + '\\n\\nLOOK:' + shown + '\\n\\n###TURN {question}'.format_map(example)\n"
    )
    copies = {"interexter": rag, "interexter-code": program}
    for name, file in copies.items():
        monkeypatch.setitem(published_prompts.SOURCES, name, Source("", hashlib.sha256(file.read_bytes()).hexdigest()))
    found = prompt_files.of_set("interexter-worked", copies, tmp_path / "cache")
    assert found == {**TEXTS, "before_example": "\n\nLOOK:", "after_example": "\n\n###TURN {question}"}
    assert prompt_files.of_set("interexter-general", copies, tmp_path / "cache") == TEXTS


@pytest.mark.parametrize("note", ["", *NOTES])
def test_the_note_is_the_data_sets(note: str, tmp_path: Path) -> None:
    text = rationale(prompts(tmp_path, note=note), "instructrag", "both")
    assert text.endswith(f"NOTE on {note}." if note else f"by {ANSWERS}.")


def test_a_file_without_guides_uses_the_general_ones(tmp_path: Path) -> None:
    of = prompts(tmp_path, "interexter-zh", texts=CHINESE)
    assert asked("interexter-ft", of, []) == f"{DOCUMENTS}\n\n{MEMORY}\n\nGENERAL: {ASKED}"
    for state in STATES:
        assert "BOTH SIDES 'which" in rationale(of, "interexter", state)


@pytest.mark.parametrize("name", published_prompts.SETS)
def test_every_prompt_that_a_set_declares_is_built_and_filled(name: str, tmp_path: Path) -> None:
    texts = CHINESE if name == "interexter-zh" else {**TEXTS, **WORKED}
    of = prompts(tmp_path, name, texts=texts)
    values = {"question": "Who", "answers": ["A"], "documents": "D", "internal_document": "I", "demonstrations": SHOWN}
    for template in sorted(published_prompts.available(name)):
        messages = of.messages(template, **values, passages=[{"title": "T", "text": "x"}])
        assert messages[-1].role == "user"
        assert not re.search(r"\{\w+\}", messages[-1].content), template
        assert messages[-1].content == messages[-1].content.strip() != ""


def test_braces_in_passages_stay_and_no_special_token_of_the_file_is_used(tmp_path: Path) -> None:
    text = asked("instructrag-icl", prompts(tmp_path), SHOWN, {**TASK, "question": "Is it {answers}?"})
    assert "Osk {question}" in text
    assert "is it {answers}?" in text
    assert "<|" not in text


def test_one_document_and_none_are_no_error(tmp_path: Path) -> None:
    of = prompts(tmp_path)
    assert asked("vanilla-rag", of, [], {**TASK, "passages": PASSAGES[:1]}).startswith("Document 1 (Title: Limm)")
    assert asked("vanilla-rag", of, [], {**TASK, "passages": []}) == f"QUERY:\n{ASKED}"


def test_what_a_set_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'instructrag' has no prompt 'interexter'"):
        asked("interexter-ft", prompts(tmp_path, "instructrag"), [])
    with pytest.raises(UserError, match="vanilla-rag needs the text or field 'query_prompt'"):
        asked("vanilla-rag", prompts(tmp_path, texts={"demo_postfix": ""}, note=""), [])
    with pytest.raises(UserError, match="no text 'rationale_generation_postfix_PopQA'"):
        prompts(tmp_path, texts={})
    with pytest.raises(UserError, match="the rule published_prompts writes them"):
        open_prompts(str(tmp_path / "none.json"))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of made-up texts, published by a server on this machine."""
    folder = tmp_path / "published"
    folder.mkdir()
    file = folder / "rag.json"
    file.write_text(json.dumps(TEXTS))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/rag.json"
        monkeypatch.setitem(published_prompts.SOURCES, "instructrag", Source(url, digest))
        yield file
        server.shutdown()


def test_a_file_is_downloaded_once_and_kept(source: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert prompt_files.texts("instructrag", None, cache) == TEXTS
    source.unlink()
    assert prompt_files.texts("instructrag", None, cache) == TEXTS


def test_a_local_copy_is_checked_and_not_cached(source: Path, tmp_path: Path) -> None:
    assert prompt_files.texts("instructrag", source, tmp_path / "cache") == TEXTS
    assert not (tmp_path / "cache").exists()
    source.write_text(json.dumps({**TEXTS, "query_prompt": "Other."}))
    with pytest.raises(UserError, match=r"rag\.json: sha256 is \w+; the prompts of instructrag are those with"):
        prompt_files.texts("instructrag", source, tmp_path / "cache")
    with pytest.raises(UserError, match=r"prompt_files\.instructrag: .*none\.json cannot be read"):
        prompt_files.texts("instructrag", tmp_path / "none.json", tmp_path / "cache")


def test_a_source_that_is_gone_says_what_to_do(source: Path, tmp_path: Path) -> None:
    source.unlink()
    with pytest.raises(UserError, match=r"HTTP 404 .* Or name a copy in the config: prompt_files\.instructrag"):
        prompt_files.texts("instructrag", None, tmp_path / "cache")


def test_sources_are_pinned() -> None:
    assert {file for files in published_prompts.SETS.values() for file in files} == set(published_prompts.SOURCES)
    for pinned in published_prompts.SOURCES.values():
        assert re.fullmatch(
            r"https://raw\.githubusercontent\.com/[\w-]+/[\w-]+/[0-9a-f]{40}/src/\w+\.(json|py)", pinned.url
        )
        assert re.fullmatch(r"[0-9a-f]{64}", pinned.sha256)
