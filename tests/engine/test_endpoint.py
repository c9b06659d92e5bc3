"""A model of a server: its answers behind the store, faults that pass and faults that do not, and where the key is."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from interexter.core.errors import UserError
from interexter.core.tables import read_rows
from interexter.engine import chat
from interexter.engine.conversations import Contrast, Conversation, Generation, Outcome, Prompt, Sampling, drive
from interexter.engine.endpoint import EndpointEngine
from interexter.engine.store import COUNTED
from interexter.models import endpoints, source_keys, sources
from interexter.models.endpoints import Endpoint
from interexter.models.messages import Message
from model_server import KEY, Answer, Script, Server, completion, error, said, serving


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits of the client, which it does not wait."""
    waits: list[float] = []

    def pause(self: chat.Client, seconds: float) -> None:
        if seconds > 0:
            waits.append(seconds)
        if self._stopped.is_set():
            raise chat.Stopped

    monkeypatch.setattr(chat.Client, "_pause", pause)
    return waits


def prompt(text: str, **sampling: Any) -> Prompt:
    return Prompt((Message("system", "Answer."), Message("user", text)), Sampling(12, **sampling))


def one(asked: Prompt) -> Conversation[Generation]:
    [generation] = yield [asked]
    return generation


def opened(server: Server, store: Path, store_every: int = 64, **more: Any) -> EndpointEngine:
    endpoint = Endpoint(server.url, "m", **more)
    return EndpointEngine(store / "no-weights", "w", endpoint, store / "store", store_every)


def ask(engine: EndpointEngine, *prompts: Prompt) -> list[Outcome]:
    try:
        return list(drive([one(p) for p in prompts], engine))
    finally:
        engine.close()


def echo(body: dict[str, Any], before: int) -> Answer:
    return completion(f"You said {said(body)}")


def first(answer: Answer, times: int = 1) -> Script:
    """Answer like this at first, and well afterwards."""
    return lambda body, before: answer if before < times else echo(body, before)


def test_a_prompt_goes_out_as_messages_and_comes_back_as_a_generation(tmp_path: Path) -> None:
    with serving(echo) as server:
        greedy, sampled = ask(
            opened(server, tmp_path), prompt("A?"), prompt("B?", temperature=0.7, seed=5, stop=("\n\n",))
        )
    bodies = {said(body): body for body in server.asked}
    assert bodies["A?"] == {
        "model": "m",
        "messages": [{"role": "system", "content": "Answer."}, {"role": "user", "content": "A?"}],
        "temperature": 0.0,
        "max_tokens": 12,
    }
    assert {name: bodies["B?"][name] for name in ("temperature", "seed", "stop")} == {
        "temperature": 0.7,
        "seed": 5,
        "stop": ["\n\n"],
    }
    assert greedy.result == Generation(prompt("A?").prompt_id, "You said A?", "stop", 7, 3)
    assert (greedy.prompt_tokens, greedy.output_tokens) == (7, 3)
    assert sampled.result.text == "You said B?"


def test_the_config_adds_fields_and_leaves_ours_out(tmp_path: Path) -> None:
    more = {"body": {"temperature": None, "top_p": 0.9}, "max_tokens_field": "max_completion_tokens"}
    with serving(echo) as server:
        ask(opened(server, tmp_path, **more), prompt("A?"))
    [body] = server.asked
    assert body.keys() == {"model", "messages", "max_completion_tokens", "top_p"}


def test_a_text_ends_where_its_answer_does(tmp_path: Path) -> None:
    texts = {"whole": "", "answer": "answer", "field": "field"}
    text = "Lima\nFinal answer: Oslo\nAnd more."
    with serving(lambda body, before: completion(text, "length")) as server:
        outcomes = ask(opened(server, tmp_path), *(prompt(name, asked=asked) for name, asked in texts.items()))
    assert [(o.result.text, o.result.finish_reason) for o in outcomes] == [
        (text, "length"),
        ("Lima", "stop"),
        ("Lima\nFinal answer: Oslo", "stop"),
    ]


def test_what_was_answered_is_asked_no_more(tmp_path: Path) -> None:
    prompts = [prompt(f"Question {i}?") for i in range(9)]
    prices = {"input": 2.0, "output": 10.0}
    with serving(echo) as server:
        engine = opened(server, tmp_path, prices=prices)
        outcomes = ask(engine, *prompts, prompts[0])
        assert len(server.asked) == 9
        again = opened(server, tmp_path, prices=prices)
        assert ask(again, *prompts) == outcomes[:9]
        list(drive([one(prompts[0])], again))  # once more: it was paid for once
        assert len(server.asked) == 9
        assert ask(opened(server, tmp_path), *prompts, prompt("New?"))[:9] == outcomes[:9]
        assert len(server.asked) == 10
    counts = {"prompts": 9, "found_in_store": 0, "engine_starts": 1, "prompt_tokens": 63, "output_tokens": 27}
    assert engine.costs().items() >= counts.items()
    paid = (63 * 2.0 + 27 * 10.0) / 1e6
    assert (engine.costs()["cost"], engine.costs()["cost_of_found"]) == (pytest.approx(paid), 0)
    assert (again.costs()["prompts"], again.costs()["found_in_store"], again.costs()["engine_starts"]) == (0, 10, 0)
    assert (again.costs()["cost"], again.costs()["cost_of_found"]) == (0, pytest.approx(paid))
    assert "cost" not in opened(server, tmp_path).costs()
    [*rows] = [row for part in tmp_path.rglob("*.parquet") for row in read_rows(part, COUNTED)]
    assert {row["prompt_tokens"] for row in rows} == {7}


def test_a_generation_is_known_by_everything_that_decides_it_and_nothing_else() -> None:
    base = Endpoint("http://a/v1", "m", "KEY", "")
    other: dict[str, Any] = {
        "url": "http://b/v1",
        "model": "n",
        "key_variable": "OTHER",
        "identity": "x",
        "body": {"top_p": 0.5},
        "max_tokens_field": "max_completion_tokens",
        "concurrency": 2,
        "requests_per_minute": 5,
        "timeout": 1,
        "retries": 1,
        "prices": {"input": 1.0},
    }
    assert other.keys() == {f.name for f in fields(Endpoint)}  # a new key must be tried here
    decides = {n for n, value in other.items() if replace(base, **{n: value}).identified() != base.identified()}
    assert decides == {"url", "model", "identity", "body", "max_tokens_field"}
    moved = replace(base, identity="ours", url="http://node2/v1")
    assert moved.identified() == replace(base, identity="ours").identified()


@pytest.mark.parametrize(
    "fault",
    [
        error(429, "Too many requests"),
        error(503, "Loading"),
        Answer(b"<html>Bad gateway</html>", 502),
        Answer(b"no JSON"),
        Answer({"choices": []}),
        Answer(["a list"]),
        Answer({"choices": [{"message": {"content": ["no text"]}}]}),
    ],
    ids=["busy", "down", "gateway", "no JSON", "no choice", "a list", "no text"],
)
def test_a_fault_that_passes_is_waited_for(fault: Answer, tmp_path: Path, short_waits: list[float]) -> None:
    with serving(first(fault, times=4)) as server:
        [outcome] = ask(opened(server, tmp_path), prompt("A?"))
    assert outcome.result.text == "You said A?"
    assert len(server.asked) == 1 + 4
    for number, wait in enumerate(short_waits):  # each twice as long as that before it
        assert 0.5 * 2**number <= wait <= 2**number
    assert len(short_waits) == 4


def test_a_request_that_takes_too_long_is_made_again(tmp_path: Path) -> None:
    slow = replace(completion("late"), seconds=1.0)
    with serving(first(slow)) as server:
        [outcome] = ask(opened(server, tmp_path, timeout=0.2), prompt("A?"))
    assert outcome.result.text == "You said A?"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("header", "low", "high"), [("30", 30, 37.5), ("0", 0.5, 1), ("3600", 600, 750), ("soon", 0.5, 1)]
)
def test_the_server_says_how_long_to_wait(
    header: str, low: float, high: float, tmp_path: Path, short_waits: list[float]
) -> None:
    with serving(first(error(429, "Busy", Retry_After=header))) as server:
        ask(opened(server, tmp_path), prompt("A?"))
    assert low <= sum(short_waits) <= high


def test_a_server_that_stays_away_ends_the_run_and_what_was_paid_for_is_kept(tmp_path: Path) -> None:
    def some(body: dict[str, Any], before: int) -> Answer:
        return error(503, "Down for today") if "bad" in said(body) else echo(body, before)

    good = [prompt(f"good {i}") for i in range(9)]
    with serving(some) as server:
        with pytest.raises(UserError, match=r"status 503 \(Down for today\), at each of 3 attempts") as raised:
            ask(
                opened(server, tmp_path, retries=2, concurrency=4),
                *(prompt(f"good {i}") for i in range(9)),
                prompt("bad"),
            )
        assert server.url in str(raised.value)
        asked = len(server.asked)
        ask(opened(server, tmp_path), *good)
        assert len(server.asked) == asked


def test_no_server_at_all(tmp_path: Path) -> None:
    with serving(echo) as server:
        pass
    with pytest.raises(UserError, match=r"no answer \(ConnectError\), at each of 2 attempts"):
        ask(opened(server, tmp_path, retries=1), prompt("A?"))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (error(400, "This model's maximum context length is 1024 tokens. However, ..."), "prompt too long"),
        (error(400, "Too much", "context_length_exceeded"), "prompt too long"),
        (error(400, "Not that", "content_filter"), "refused by the server"),
        (completion("Half", "content_filter"), "refused by the server"),
    ],
)
def test_what_the_server_will_not_answer_is_named_and_the_others_go_on(
    fault: Answer, reason: str, tmp_path: Path
) -> None:
    def script(body: dict[str, Any], before: int) -> Answer:
        return fault if said(body) == "bad" else echo(body, before)

    with serving(script) as server:
        engine = opened(server, tmp_path)
        bad, good = ask(engine, prompt("bad"), prompt("good"))
    assert (bad.result, bad.reason()) == (None, reason)
    assert server.url in bad.rejected
    assert good.result.text == "You said good"
    assert engine.rejected == 1
    assert len(server.asked) == 2  # it is not asked for again


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (error(404, "The model `m` does not exist"), "status 404 (The model `m` does not exist)"),
        (error(400, "Unsupported parameter: 'max_tokens'"), "status 400 (Unsupported parameter: 'max_tokens')"),
        (error(429, "You exceeded your quota", "insufficient_quota"), "status 429 (You exceeded your quota)"),
        (Answer(b"moved", 301, {"Location": "http://elsewhere/"}), "status 301 (moved)"),
        (Answer({"object": "error", "message": "no such thing"}, 422), "status 422 (no such thing)"),
        (Answer({"error": "a text"}, 405), "status 405 (a text)"),
    ],
)
def test_a_fault_that_concerns_all_ends_the_run_at_once(fault: Answer, said: str, tmp_path: Path) -> None:
    with serving(first(fault, 99)) as server, pytest.raises(UserError) as raised:
        ask(opened(server, tmp_path, concurrency=1), *(prompt(f"Question {i}?") for i in range(5)))
    assert str(raised.value) == f"{server.url}: {said}."
    assert len(server.asked) == 1


def test_no_more_requests_are_under_way_than_may_be(tmp_path: Path) -> None:
    with serving(lambda body, before: replace(completion("Yes"), seconds=0.05)) as server:
        ask(opened(server, tmp_path, concurrency=3), *(prompt(f"Question {i}?") for i in range(20)))
    assert server.at_once == 3


def test_a_rate_is_kept(tmp_path: Path, short_waits: list[float]) -> None:
    with serving(echo) as server:
        ask(opened(server, tmp_path, requests_per_minute=60, concurrency=1), *(prompt(f"Q{i}?") for i in range(4)))
    # Nobody waits here, so each waits for those before it: a second more.
    assert len(short_waits) == 3
    assert [round(wait) for wait in short_waits] == [1, 2, 3]


def test_a_rate_is_kept_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    began = time.monotonic()
    with serving(echo) as server:
        ask(opened(server, tmp_path, requests_per_minute=600), *(prompt(f"Q{i}?") for i in range(6)))
    assert 0.5 <= time.monotonic() - began < 5


def test_what_was_finished_when_a_stage_broke_is_kept(tmp_path: Path) -> None:
    def broken() -> Conversation[str]:
        yield [prompt("The last before the fall.")]
        raise ZeroDivisionError

    with serving(echo) as server:
        engine = opened(server, tmp_path)
        with pytest.raises(ZeroDivisionError):
            list(drive([broken()], engine))
        engine.close()
        ask(opened(server, tmp_path), prompt("The last before the fall."))
    assert len(server.asked) == 1


def test_no_logits(tmp_path: Path) -> None:
    contrasted = replace(prompt("A?"), contrast=Contrast((Message("user", "?"),), "cad"))
    with serving(echo) as server, pytest.raises(UserError, match="gives no logits"):
        ask(opened(server, tmp_path), contrasted)
    assert not server.asked


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MADE_UP_KEY", KEY)
    yield KEY


def test_the_key_is_sent_and_written_nowhere(
    key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    source = {"kind": "endpoint", "model": "m", "key_variable": "MADE_UP_KEY"}
    with serving(first(error(500, f"key {KEY} is odd")), key=KEY) as server:
        manifest = sources.prepare(source | {"url": server.url}, tmp_path / "model")
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        [outcome] = ask(opened(server, tmp_path, key_variable="MADE_UP_KEY"), prompt("A?"))
        assert outcome.result.text == "You said A?"
        server.key = "another"
        with pytest.raises(UserError, match=r"Incorrect API key provided: \*\*\*") as raised:
            ask(opened(server, tmp_path, key_variable="MADE_UP_KEY"), prompt("B?"))
        with pytest.raises(UserError, match="refuses the key of MADE_UP_KEY"):
            sources.prepare(source | {"url": server.url}, tmp_path / "other")
    assert KEY not in str(raised.value) + caplog.text
    assert "***" in caplog.text  # the server did repeat it
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 3
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    monkeypatch.delenv("MADE_UP_KEY")
    with pytest.raises(UserError, match="environment variable MADE_UP_KEY, which is not set"):
        ask(opened(server, tmp_path, key_variable="MADE_UP_KEY"), prompt("B?"))
    [found] = ask(opened(server, tmp_path, key_variable="MADE_UP_KEY"), prompt("A?"))  # nothing needs to be asked
    assert found.result == outcome.result


def test_preparing_asks_the_server_what_it_has(tmp_path: Path) -> None:
    source = {"kind": "endpoint", "model": "m"}

    def prepared(answer: Answer) -> dict[str, Any]:
        with serving(echo, models=answer) as server:
            return sources.prepare(source | {"url": server.url}, tmp_path / "m")

    assert prepared(Answer({"data": [{"id": "m", "max_model_len": 512}]}))["context_length"] == 512
    silent = [Answer({"data": []}), error(404, "no /models"), Answer(b"?"), Answer([]), Answer({"data": [{}]})]
    assert [prepared(one)["context_length"] for one in silent] == [None] * 5
    with pytest.raises(UserError, match="there is no model 'm'; there are a, b"):
        prepared(Answer({"data": [{"id": "b"}, {"id": "a"}]}))
    with serving(echo) as server:
        pass
    with pytest.raises(UserError, match=r"cannot be reached \(ConnectError\)"):
        sources.prepare(source | {"url": server.url}, tmp_path / "m")


GOOD = {"kind": "endpoint", "url": "http://localhost:8000/v1", "model": "m"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "localhost:8000"}, "url is no address"),
        ({"url": "http://me:secret@host/v1"}, "user, a password or a query"),
        ({"url": "http://host/v1?key=secret"}, "user, a password or a query"),
        ({"key_variable": "sk-secret"}, "never the key"),
        ({"api_key": "secret"}, "unknown keys"),
    ],
)
def test_a_source_that_gives_a_secret_away_is_refused_without_repeating_it(
    change: dict[str, str], message: str
) -> None:
    source_keys.check_source(GOOD)
    with pytest.raises(UserError, match=message) as raised:
        source_keys.check_source(GOOD | change)
    assert "secret" not in str(raised.value)


def test_every_key_of_the_schema_is_one_of_an_endpoint() -> None:
    from interexter.study import schema

    named = schema.load()["properties"]["models"]["additionalProperties"]["properties"].keys() - {"kind"}
    assert named - source_keys.CHAT_KEYS == endpoints.REQUIRED | endpoints.OPTIONAL
