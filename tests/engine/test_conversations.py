"""Conversations: one driver for all of them, whatever order answers come in, and replay without an engine."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.engine.conversations import Conversation, Generation, Outcome, Prompt, Sampling, drive
from interexter.models.messages import Message

SHORT = Sampling(8)


def prompt(text: str, sampling: Sampling = SHORT) -> Prompt:
    return Prompt((Message("system", "Be brief."), Message("user", text)), sampling)


def reply(asked: Prompt) -> Generation:
    """What the model below writes: the prompt in brackets; a prompt with "long" in it does not fit."""
    text = asked.messages[-1].content
    if "long" in text:
        return Generation(asked.prompt_id, f"{text} does not fit", "rejected", 100, 0)
    return Generation(asked.prompt_id, f"<{text}>", "stop", 2 + len(text), 3)


class Model:
    """Answers a few prompts at a time, in an order of its own; it remembers what it was asked, as a store does."""

    def __init__(self, seed: int = 0, at_a_time: int = 1, last_first: bool = False) -> None:
        self._random = random.Random(seed)
        self._at_a_time = at_a_time
        self._last_first = last_first
        self._queue: list[Prompt] = []
        self.asked: list[str] = []
        self.rounds = 0

    def ask(self, prompts: Sequence[Prompt]) -> None:
        assert prompts
        for one in prompts:
            assert one not in self._queue, "asked twice"
            if one.prompt_id not in self.asked:
                self.asked.append(one.prompt_id)
            self._queue.append(one)
        self.rounds += 1

    def finished(self) -> list[Generation]:
        assert self._queue, "waited for nothing"
        if not self._last_first:
            self._random.shuffle(self._queue)
        return [reply(self._queue.pop()) for _ in range(min(self._at_a_time, len(self._queue)))]


def driven(
    conversations: Iterable[Conversation[Any]], model: Model, window: int = 99, ahead: int = 99
) -> list[Outcome]:
    return list(drive(conversations, model, window, ahead))


KINDS = {
    "the last first": {"last_first": True},
    "one at a time": {"seed": 1},
    "three at a time": {"seed": 2, "at_a_time": 3},
    "all at once": {"seed": 3, "at_a_time": 99},
}


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest) -> Model:
    return Model(**KINDS[request.param])


def rounds(plan: Sequence[Sequence[str]]) -> Conversation[list[str]]:
    """Ask for each list of the plan in turn; every prompt also holds the answer before."""
    heard: list[str] = []
    for words in plan:
        before = heard[-1] if heard else ""
        received = yield [prompt(word + before) for word in words]
        assert [g.prompt_id for g in received] == [prompt(word + before).prompt_id for word in words]
        heard += [g.text for g in received]
    return heard


def expected(plan: Sequence[Sequence[str]]) -> Outcome:
    """The outcome of `rounds`, worked out without a driver."""
    heard: list[str] = []
    given_tokens = written = 0
    for words in plan:
        generations = [reply(prompt(word + (heard[-1] if heard else ""))) for word in words]
        given_tokens += sum(g.prompt_tokens for g in generations)
        written += sum(g.output_tokens for g in generations)
        refused = [g.text for g in generations if g.finish_reason == "rejected"]
        if refused:
            return Outcome(None, refused[0], given_tokens, written, "rejected")
        heard += [g.text for g in generations]
    return Outcome(heard, "", given_tokens, written)


def test_one_round_with_its_tokens() -> None:
    # "ab": 2 + 2 prompt tokens and 3 written; "c": 2 + 1 and 3
    assert driven([rounds([["ab", "c"]])], Model()) == [Outcome(["<ab>", "<c>"], "", 7, 6)]


def test_several_rounds_see_the_answers_before(model: Model) -> None:
    plans = [[["a"], ["b"], ["c"]], [["x", "y", "z"], ["b"]], [["q"]]]
    outcomes = driven([rounds(plan) for plan in plans], model)
    assert [o.result for o in outcomes] == [
        ["<a>", "<b<a>>", "<c<b<a>>>"],
        ["<x>", "<y>", "<z>", "<b<z>>"],
        ["<q>"],
    ]
    assert outcomes == [expected(plan) for plan in plans]


def test_all_conversations_wait_together() -> None:
    model = Model(at_a_time=99)
    driven([rounds([[f"{i}"], ["then"], ["and"]]) for i in range(50)], model)
    assert model.rounds == 3


def test_shared_prompts_are_asked_once_and_paid_by_each(model: Model) -> None:
    plans = [[["same"]], [["same", "same"]], [["other"], ["x"]], [["same"], ["y"]]]
    assert driven([rounds(p) for p in plans], model) == [expected(p) for p in plans]
    assert len(model.asked) == len({"same", "other", "x<other>", "y<same>"})


def test_a_later_round_may_ask_what_another_waits_for_or_knows() -> None:
    def late(first: str, second: str) -> Conversation[str]:
        yield [prompt(first)]
        [generation] = yield [prompt(second)]
        return generation.text

    for seed in range(20):
        model = Model(seed)
        outcomes = driven([late("a", "b"), late("b", "a"), late("c", "b"), late("a", "c")], model)
        assert [o.result for o in outcomes] == ["<b>", "<a>", "<b>", "<c>"]
        assert len(model.asked) == 3


def test_conversations_that_ask_nothing(model: Model) -> None:
    def silent(value: int) -> Conversation[int]:
        return value
        yield

    def polite() -> Conversation[str]:
        assert (yield []) == []
        [generation] = yield [prompt("silent neighbour")]
        assert (yield []) == []
        return generation.text

    outcomes = driven([silent(1), polite(), silent(2)], model)
    assert [(o.result, o.prompt_tokens) for o in outcomes] == [(1, 0), ("<silent neighbour>", 18), (2, 0)]


def test_a_rejected_prompt_ends_its_conversation_alone(model: Model) -> None:
    closed = []

    def tidy() -> Conversation[str]:
        try:
            yield [prompt("first")]
            yield [prompt("fine"), prompt("too long"), prompt("long as well")]
            return "never"
        finally:
            closed.append(True)

    outcomes = driven([rounds([["a"], ["b"]]), tidy(), rounds([["too long"]]), rounds([["c"]])], model)
    assert [o.rejected for o in outcomes] == ["", "too long does not fit", "too long does not fit", ""]
    assert outcomes[1].result is None
    assert outcomes[1].prompt_tokens == 7 + 6 + 100 + 100
    assert outcomes[1].output_tokens == 3 + 3
    assert [outcomes[0].result, outcomes[3].result] == [["<a>", "<b<a>>"], ["<c>"]]
    assert closed == [True]


def test_a_conversation_that_breaks_is_heard_of() -> None:
    def broken() -> Conversation[str]:
        yield [prompt("a")]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        driven([rounds([["b"]]), broken()], Model())


PLANS = st.lists(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "long"]), max_size=3), max_size=4), max_size=8)


@given(PLANS, st.integers(0, 99), st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))
def test_any_plans_in_any_order_and_window(
    plans: list[list[list[str]]], seed: int, at_a_time: int, window: int, ahead: int
) -> None:
    model = Model(seed, at_a_time)
    outcomes = driven((rounds(plan) for plan in plans), model, window, ahead)
    assert outcomes == [expected(plan) for plan in plans]


def test_no_more_conversations_are_opened_than_the_window_holds_and_outcomes_come_as_they_are_ready() -> None:
    opened: list[int] = []

    def counted(i: int) -> Conversation[str]:
        opened.append(i)
        [generation] = yield [prompt(f"{i}")]
        return generation.text

    outcomes = drive(map(counted, range(100)), Model(at_a_time=2), 10)
    for i, outcome in enumerate(outcomes):
        assert outcome.result == f"<{i}>"
        assert len(opened) <= i + 10
    assert opened == list(range(100))


def test_conversations_are_opened_by_the_half_of_what_is_asked_ahead() -> None:
    """So their prompts are tokenized together, and those of a second round have few before them."""

    class Counted(Model):
        def __init__(self) -> None:
            super().__init__()
            self.asked_together: list[int] = []

        def ask(self, prompts: Sequence[Prompt]) -> None:
            super().ask(prompts)
            self.asked_together.append(len(prompts))
            assert len(self._queue) <= 8

    model = Counted()
    outcomes = driven((rounds([[f"{i}"]]) for i in range(24)), model, ahead=8)
    assert [o.result for o in outcomes] == [[f"<{i}>"] for i in range(24)]
    assert model.asked_together == [8, 4, 4, 4, 4]


@pytest.mark.parametrize(
    ("result", "n_received", "end", "log_probability"),
    [
        ("Lima", 1, "length", -0.5),
        ("Lima", 2, "length", None),  # chosen from several: its probability is not that of a single answer
        ("Final answer: Lima", 1, "", None),  # not its own words
    ],
)
def test_an_outcome_has_the_end_and_the_probability_of_the_generation_that_is_its_result(
    result: str, n_received: int, end: str, log_probability: float | None
) -> None:
    class Told(Model):
        def finished(self) -> list[Generation]:
            return [
                one._replace(text="Lima", finish_reason="length", log_probability=-0.5) for one in super().finished()
            ]

    def talk() -> Conversation[str]:
        yield [prompt("a")]
        yield [prompt(f"b{n}") for n in range(n_received)]
        return result

    [outcome] = driven([talk()], Told())
    assert (outcome.finish_reason, outcome.log_probability) == (end, log_probability)


def test_a_prompt_id_is_of_messages_and_sampling() -> None:
    sampling = Sampling(8, temperature=0.5, seed=1)
    one = prompt("a", sampling)
    assert prompt("a", replace(sampling)).prompt_id == one.prompt_id
    others = [
        prompt("b", sampling),
        Prompt((Message("user", "Be brief."), Message("user", "a")), sampling),
        Prompt((Message("user", "a"),), sampling),
        Prompt(one.messages[::-1], sampling),
        prompt("a", replace(sampling, max_tokens=9)),
        prompt("a", replace(sampling, temperature=1.0)),
        prompt("a", replace(sampling, seed=2)),
        prompt("a", replace(sampling, stop=("x",))),
    ]
    assert len({one.prompt_id, *(o.prompt_id for o in others)}) == 1 + len(others)
