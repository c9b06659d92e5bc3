"""The methods that others propose against conflict: what each asks, in how many rounds, and what it makes of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.answers import methods
from interexter.answers.answering import Caps, asked_methods
from interexter.answers.demonstrations import answers_only
from interexter.answers.methods import Ask, Elected, visible
from interexter.answers.methods.robustrag_keyword import keywords, shared_keywords
from interexter.answers.methods.robustrag_majority import NO_ANSWER, majority
from interexter.core.errors import UserError
from interexter.engine.contrastive import DECODINGS
from interexter.engine.conversations import Generation, Sampling
from interexter.engine.prompts import PromptSet
from test_methods import FURTHER, LIMM, OSK, TASK, any_run, passage, run, text

LOGITS = {"adacad", "cad", "coiecd"}
SHORT, TEXT = Sampling(11, asked="answer"), Sampling(222, stop=("\n\n",))


@pytest.mark.parametrize("name", FURTHER)
def test_rounds_and_decoding(name: str) -> None:
    rounds, _ = any_run(name)
    assert [len(prompts) for prompts in rounds] == FURTHER[name]
    expected = {TEXT, replace(TEXT, asked="field")} if name == "astute-rag" else {SHORT}
    assert {p.sampling for prompts in rounds for p in prompts} == expected
    assert all((p.contrast is not None) == (name in LOGITS) for prompts in rounds for p in prompts)
    assert methods.needs_logits(name) == (name in LOGITS)
    assert methods.load(name).TARGET == ""
    assert ("answer" if name == "few-shot" else "") == methods.load(name).DEMONSTRATIONS


def sure(text: str, log_probability: float | None, tokens: int | None) -> Generation:
    return Generation("", text, "stop", 1, 1, log_probability, tokens)


@pytest.mark.parametrize(
    ("with_passages", "closed_book", "chosen"),
    [
        ((-2.0, 2), (-3.0, 4), "closed-book"),  # exp(-1) against exp(-0.75): surer by the token, not by the sum
        ((-1.0, 2), (-3.0, 4), "passages"),
        ((-1.0, 1), (-1.0, 1), "passages"),  # as sure
        ((None, None), (-0.1, 1), "passages"),  # it cannot be told
        ((-0.1, 1), (None, None), "passages"),
    ],
)
def test_clasheval_takes_the_answer_that_the_model_is_surer_of(
    with_passages: tuple[float, int], closed_book: tuple[float, int], chosen: str
) -> None:
    method = methods.load("clasheval-choice")
    conversation = method.answer(visible(TASK, method), Ask(PromptSet("ours"), 11, 222))
    first, second = next(conversation)
    assert OSK in text(first) and OSK not in text(second)
    with pytest.raises(StopIteration) as stop:
        conversation.send([sure("passages", *with_passages), sure("closed-book", *closed_book)])
    assert stop.value.value == chosen
    assert methods.needs_confidence("clasheval-choice") and not methods.needs_confidence("vanilla-rag")


def test_methods_are_asked_with_their_caps_and_refused_without_their_demonstrations() -> None:
    method, ask = asked_methods({"vanilla-rag": "ours"}, {}, Caps(11, 222))["vanilla-rag"]
    [prompt] = next(method.answer(visible(TASK, method), ask))
    assert prompt == run("vanilla-rag", ["x"])[0][0][0]
    with pytest.raises(UserError, match="'few-shot' shows demonstrations of style 'answer'; there are"):
        asked_methods({"few-shot": "ours"}, {"interexter": []}, Caps(11, 222))


def test_attributed_asks_what_the_documents_say() -> None:
    [[prompt]], answer = run("attributed", ["Osk"])
    assert f"{OSK}\n{LIMM}" in text(prompt)
    assert "according to the documents" in text(prompt)
    assert answer == "Osk"


def test_opinion_quotes_the_documents_without_quotes_inside() -> None:
    [[prompt]], _ = run("opinion", ["Osk"])
    assert f'Robin writes: "{OSK}\nDocument 2 (Limm): The Limm is long."' in text(prompt)
    assert text(prompt).count('"') == 2
    assert TASK["passages"][0]["text"] == 'The "Limm" is long.'


def test_few_shot_is_vanilla_with_answers() -> None:
    [[prompt]], _ = run("few-shot", ["Osk"])
    [[vanilla]], _ = run("vanilla-rag", ["Osk"])
    shown = "".join(f"\n\nExample {i}\nQuestion: Shown question {i}?\nShown answer {i}" for i in (1, 2))
    assert prompt.messages[0].content == vanilla.messages[0].content + shown
    assert prompt.messages[1:] == vanilla.messages[1:]


def test_its_demonstrations_are_those_with_rationales() -> None:
    questions = {f"q{i}": {"question": f"Q{i}?", "answers": [f"A{i}", f"a{i}"]} for i in (1, 2)}
    row = {"question_id": "q2", "question": "Q2?", "rationale": "Long.\nFinal answer: a2", "state": "both"}
    shown = [{**row, "rationale": "A2", "answers": ["A2", "a2"]}]
    assert answers_only({"instructrag": [row], "interexter": []}, questions) == shown
    assert answers_only({"instructrag": [], "interexter": [row]}, questions) == shown
    assert answers_only({"instructrag": [], "interexter": []}, questions) == []


def test_the_oracle_sees_supporting_passages_alone() -> None:
    [[prompt]], _ = run("oracle", ["Osk"])
    assert OSK in text(prompt)
    assert "Limm" not in text(prompt)
    one_passage = {**TASK, "passages": [p for p in TASK["passages"] if p["stance"] == "supporting"]}
    assert prompt == run("vanilla-rag", ["Osk"], task=one_passage)[0][0][0]


def test_the_oracle_without_any_asks_closed_book() -> None:
    task = {**TASK, "passages": TASK["passages"][:1]}
    assert run("oracle", ["Osk"], task=task)[0] == run("closed-book", ["Osk"])[0]


@pytest.mark.parametrize("name", sorted(LOGITS))
def test_context_aware_decoding_reads_vanilla_against_closed_book(name: str) -> None:
    [[prompt]], _ = run(name, ["Osk"])
    assert prompt.contrast is not None
    assert prompt.messages == run("vanilla-rag", ["x"])[0][0][0].messages
    assert prompt.contrast.messages == run("closed-book", ["x"])[0][0][0].messages
    assert prompt.contrast.decoding == name
    weights: dict[str, dict[str, float]] = {"cad": {"alpha": 1}, "adacad": {}, "coiecd": {"alpha": 1, "ratio": 4}}
    assert dict(prompt.contrast.weights) == weights[name]
    assert name in DECODINGS


def test_astute_rag_remembers_consolidates_and_answers() -> None:
    [[first], [second], [third]], answer = run(
        "astute-rag", ["The Osk\nis long. "], ["Osk: Document 1, Memory\nLimm: Document 2"], ["So.\nFinal answer: Osk"]
    )
    assert "Document" not in text(first)
    assert f"{OSK}\n{LIMM}\nMemory: The Osk is long." in text(second)
    assert "Groups:\nOsk: Document 1, Memory\nLimm: Document 2\n\nQuestion: Which" in text(third)
    assert f"{OSK}\n{LIMM}\nMemory: The Osk is long." in text(third)
    assert answer == "So.\nFinal answer: Osk"
    assert "I remember the Osk" not in text(first) + text(second) + text(third)  # a passage of its own, not recall's


@pytest.mark.parametrize("name", ["robustrag-majority", "robustrag-keyword"])
def test_isolation_shows_each_passage_alone_in_the_order_of_ranks(name: str) -> None:
    [[one, two], *_], _ = any_run(name)
    assert "Document 1 (Osk)" in text(one)
    assert "Limm" not in text(one)
    assert "Document 1 (Limm)" in text(two)
    assert "Osk" not in text(two)


@pytest.mark.parametrize(
    ("answers", "winner"),
    [
        (["Osk", "Limm", "Limm"], "Limm"),
        (["Osk", "the Limm.", "Osk", "LIMM", "Limm"], "the Limm."),  # without case, article and full stop
        (["Osk", "Limm"], "Osk"),  # as many votes: the first passage's
        (["Osk", "", "Limm", "Limm", "", ""], "Limm"),  # "" is an abstention
        (["the osk!", "Osk", "Limm", "Limm", "Osk"], "Osk"),  # in its most frequent form
        (["osk", "Osk", "Limm", "Limm"], "osk"),  # of equally many votes the first's, however written
        (["I don't know", "unknown", "Limm"], "Limm"),  # abstentions do not vote
        (["The document doesn't mention it."] * 2 + ["Limm"], "Limm"),
        (["I don't have enough information to answer."] * 2 + ["N/A", "Limm"], "Limm"),
        (["Das geht aus dem Text nicht hervor."] * 2 + ["Limm"], "Limm"),
        (["I don't know", ""], NO_ANSWER),
        ([], NO_ANSWER),
        (["Osk river", "Osk", "River Osk", "Osk"], "Osk"),
        (["42", "?!", "?!"], "?!"),
    ],
)
def test_majority(answers: list[str], winner: str) -> None:
    assert majority(answers) == winner


@given(st.lists(st.sampled_from(["Osk", "Limm", "Aar", "I don't know"]), max_size=9), st.integers(0, 8))
def test_a_strict_majority_wins_in_any_order(answers: list[str], shift: int) -> None:
    votes = [a for a in answers if a != "I don't know"]
    for name in set(votes):
        if votes.count(name) * 2 > len(votes):
            assert majority(answers[shift:] + answers[:shift]) == name
    assert majority(answers) in {*votes, NO_ANSWER}


def test_one_passage_alone_cannot_win_a_majority() -> None:
    task = {**TASK, "passages": [passage(f"T{i}", f"Text {i}.", i, "unknown") for i in range(1, 6)]}
    _, answer = run("robustrag-majority", ["Limm", "Osk", "I don't know", "osk", "Osk"], task=task)
    assert answer == "Osk"


def test_an_elected_answer_has_the_votes_of_its_passages_in_the_order_of_ranks() -> None:
    method = methods.load("robustrag-majority")
    said = ["Answer: the Osk\nIt is long.", "I don't know"]
    conversation = method.answer(visible(TASK, method), Ask(PromptSet("ours"), 11, 222))
    asked = next(conversation)
    with pytest.raises(StopIteration) as stop:
        conversation.send([Generation(p.prompt_id, text, "stop", 1, 1) for p, text in zip(asked, said, strict=True)])
    assert stop.value.value == Elected("the Osk", ("the Osk", ""))


CUT = "Osk is the longest river of the country, and"  # at the cap


@pytest.mark.parametrize(
    ("said", "elected"),
    [
        ([(CUT, "length")] * 2 + [("Limm", "stop")], Elected("Limm", ("", "", "Limm"))),  # what is cut does not vote
        ([("Osk\nIt is long and", "length"), ("Limm", "length")], Elected("Osk", ("Osk", ""))),  # its line is whole
        ([(CUT, "length"), ("I don't know", "stop")], Elected(CUT, ("", ""), "length")),  # but where no other does
        ([("The river is Limm, which", "length"), (CUT, "length"), (CUT, "length")], Elected(CUT, ("",) * 3, "length")),
        ([("<think>Is it the Osk or", "length")], Elected(NO_ANSWER, ("",))),
        ([("I don't know", "length"), ("I don't know", "stop")], Elected(NO_ANSWER, ("", ""))),
    ],
)
def test_an_answer_that_was_cut_is_elected_only_where_no_other_votes(
    said: list[tuple[str, str]], elected: Elected
) -> None:
    task = {**TASK, "passages": [passage(f"T{i}", f"Text {i}.", i, "unknown") for i in range(len(said))]}
    method = methods.load("robustrag-majority")
    conversation = method.answer(visible(task, method), Ask(PromptSet("ours"), 11, 222))
    asked = next(conversation)
    with pytest.raises(StopIteration) as stop:
        conversation.send([Generation(p.prompt_id, *one, 1, 1) for p, one in zip(asked, said, strict=True)])
    assert stop.value.value == elected


@pytest.mark.parametrize(
    ("said", "keywords"),
    [
        ([(CUT, "length"), ("Limm", "stop")], "Keywords: limm\n"),
        ([("Osk and", "length"), ("unknown", "stop")], "Keywords: osk and, osk\n"),
    ],
)
def test_an_answer_that_was_cut_gives_keywords_only_where_no_other_does(
    said: list[tuple[str, str]], keywords: str
) -> None:
    method = methods.load("robustrag-keyword")
    conversation = method.answer(visible(TASK, method), Ask(PromptSet("ours"), 11, 222))
    asked = next(conversation)
    [last] = conversation.send([Generation(p.prompt_id, *one, 1, 1) for p, one in zip(asked, said, strict=True)])
    assert keywords in f"{text(last)}\n"


def test_keywords_of_an_answer_are_the_whole_its_phrases_and_their_words() -> None:
    # function words: the, of, in
    assert keywords("The river Osk of Tarland") == {
        "the river osk of tarland",
        "river osk",
        "river",
        "osk",
        "tarland",
    }
    assert keywords("Osk") == {"osk"}
    assert keywords("of the") == {"of the"}
    assert keywords("?") == set()


def test_keywords_are_kept_from_3_answers_or_3_in_10() -> None:
    # n = 2: at least min(0.6, 3), which is 1 answer; n = 5: min(1.5, 3), so 2; n = 12: min(3.6, 3), so 3
    assert shared_keywords(["Osk", "River Limm"]) == ["river limm", "river", "limm", "osk"]
    assert shared_keywords(["Osk", "River Osk", "Limm", "Aar", "Ess"]) == ["osk"]
    twelve = ["Osk"] * 3 + ["Limm"] * 2 + [f"Name{i}" for i in range(7)]
    assert shared_keywords(twelve) == ["osk"]
    assert shared_keywords(["Osk Osk Osk", "Limm", "Limm", "Aar"]) == ["limm"]  # once per answer: n = 4, so 2


def test_keywords_lead_to_the_answer() -> None:
    [_, [last]], answer = run("robustrag-keyword", ["River Osk", "Final answer: the Osk"], ["Osk"])
    assert "Keywords: river osk, the osk, river, osk" in text(last)
    assert "Document" not in text(last)
    assert answer == "Osk"


def test_without_an_answer_of_a_passage_there_are_no_keywords_and_no_second_round() -> None:
    rounds, answer = run("robustrag-keyword", ["I don't know", "unknown"])
    assert len(rounds) == 1
    assert answer == NO_ANSWER


@pytest.mark.parametrize("name", ["robustrag-keyword", "robustrag-majority"])
def test_isolation_without_passages_abstains(name: str) -> None:
    assert run(name, [], task={**TASK, "passages": []}) == ([[]], NO_ANSWER)
