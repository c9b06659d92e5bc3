"""Seconds of methods that one engine answered together, by hand, and the script that collects all costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from injection_rows import SCRIPTS
from interexter.answers.answering import ANSWERS
from interexter.core.tables import read_rows, write_rows
from interexter.scoring.costs import COSTS, shared_seconds


def engine(seconds: float, found: int = 0) -> dict[str, Any]:
    return {"seconds": seconds, "found_in_store": found}


def test_an_engines_seconds_are_shared_by_tokens() -> None:
    tokens = {"vanilla-rag": 300, "closed-book": 100, "cad": 50}
    shards = [{"vLLM": engine(6.0), "transformers": engine(9.0)}, {"vLLM": engine(2.0)}]
    # 8 s of vLLM for 400 tokens, 9 s of transformers for 50
    assert shared_seconds(tokens, shards) == {"vanilla-rag": 6.0, "closed-book": 2.0, "cad": 9.0}
    assert shared_seconds(tokens, [{"vLLM": engine(6.0, found=1), "transformers": engine(9.0)}]) == {
        "vanilla-rag": None,
        "closed-book": None,
        "cad": 9.0,
    }
    assert shared_seconds({"cad": 50}, [{"vLLM": engine(6.0)}]) == {"cad": None}
    assert shared_seconds({"cad": 0}, [{"transformers": engine(6.0)}]) == {"cad": None}


def test_script(tmp_path: Path) -> None:
    about = {"condition": "clean", "text": "", "final_answer": "", "log_probability": None}
    for method, tokens in (("vanilla-rag", 30), ("closed-book", 10)):
        answers = [about | {"question_id": q, "prompt_tokens": tokens - 1, "output_tokens": 1} for q in ("a", "b")]
        write_rows(tmp_path / f"answers/d/m/base/{method}/clean.parquet", answers, ANSWERS)
    whole = {"prompts": 4, "prompt_tokens": 76, "output_tokens": 4, "found_in_store": 0, "seconds": 8.0}
    generations = tmp_path / "generations/d/m/base.costs.json"
    generations.parent.mkdir(parents=True)
    generations.write_text(json.dumps({"stage": "generate", **whole, "engines": {"vLLM": whole}}))
    command = [sys.executable, SCRIPTS / "costs.py", "--out", tmp_path / "costs.parquet", "--generations", generations]
    command += ["--answers", *sorted((tmp_path / "answers").rglob("*.parquet"))]
    subprocess.run(command, check=True)
    rows = {(row["stage"], row["method"]): row for row in read_rows(tmp_path / "costs.parquet", COSTS)}
    assert {key: row["seconds"] for key, row in rows.items()} == {
        ("generate", ""): 8.0,
        ("answers", "vanilla-rag"): 6.0,
        ("answers", "closed-book"): 2.0,
    }
    assert rows["answers", "vanilla-rag"]["prompts"] == 2
