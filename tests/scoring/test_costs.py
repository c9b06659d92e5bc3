"""Seconds of methods that one engine answered together, by hand, and the script that collects all costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from injection_rows import SCRIPTS
from interexter.answers.schemas import ANSWERS
from interexter.core.tables import read_rows, write_rows
from interexter.scoring.costs import COSTS, Place, shared_seconds, stage_row, summed


def engine(seconds: float, found: int = 0) -> dict[str, Any]:
    return {"seconds": seconds, "found_in_store": found}


def test_an_engines_seconds_are_shared_by_tokens() -> None:
    tokens = {"vanilla-rag": 300, "closed-book": 100, "cad": 50}
    shards = [{"vLLM": engine(6.0), "transformers": engine(9.0)}, {"vLLM": engine(2.0)}]
    assert shared_seconds({"vanilla-rag": 1, "closed-book": 3}, [{"endpoint": engine(8.0)}]) == {
        "vanilla-rag": 2.0,
        "closed-book": 6.0,
    }
    # 8 s of vLLM for 400 tokens, 9 s of transformers for 50
    assert shared_seconds(tokens, shards) == {"vanilla-rag": 6.0, "closed-book": 2.0, "cad": 9.0}
    assert shared_seconds(tokens, [{"vLLM": engine(6.0, found=1), "transformers": engine(9.0)}]) == {
        "vanilla-rag": None,
        "closed-book": None,
        "cad": 9.0,
    }
    assert shared_seconds({"cad": 50}, [{"vLLM": engine(6.0)}]) == {"cad": None}
    assert shared_seconds({"cad": 0}, [{"transformers": engine(6.0)}]) == {"cad": None}


def test_prices_are_those_of_all_tokens_and_add_up_where_there_are_any(tmp_path: Path) -> None:
    write_costs(tmp_path / "a.costs.json", 1.0, cost=0.25, cost_of_found=0.5)
    write_costs(tmp_path / "b.costs.json", 1.0)
    place = Place("d", "m", "base")
    paid, free = (stage_row(tmp_path / f"{name}.costs.json", place, "recall") for name in ("a", "b"))
    assert (paid["cost"], free["cost"]) == (0.75, None)
    assert [row["cost"] for row in summed([paid, free, paid])] == [1.5]
    assert [row["cost"] for row in summed([free, free])] == [None]


CONFIG = {
    "datasets": {"d": {}},
    "models": {"m": {}},
    "methods": ["vanilla-rag", "closed-book"],
    "recipes": {"tuned": {"method": "instructrag-ft", "asked": [], "rationales": "self"}},
    "conditions": {
        "clean": {"kind": "alias-substitution", "counter_answer": "random"},
        "memory": {"kind": "counter-memory.news", "model": "m", "counter_answer": "plausible"},
    },
    "plausibility_gate": {"methods": ["vanilla-rag"], "quantiles": [0.2]},
    "train": {"conditions": ["clean"]},
    "test": {"conditions": ["clean", "memory"]},
    "demonstrations": {"source": "self"},
    "seeds": [0],
    "generate": {"shards": 2},
}


def answer(method: str, condition: str, question: str, tokens: int) -> dict[str, Any]:
    about = {
        "method": method,
        "condition": condition,
        "question_id": question,
        "text": "",
        "finish_reason": "stop",
        "asked": "field",
    }
    return about | {"prompt_tokens": tokens - 1, "output_tokens": 1, "log_probability": None, "votes": None}


def write_costs(path: Path, seconds: float, **more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**whole(4, seconds), **more}))


def whole(prompts: int, seconds: float) -> dict[str, Any]:
    return {"prompts": prompts, "prompt_tokens": 36, "output_tokens": 4, "found_in_store": 0, "seconds": seconds}


def test_script_collects_the_costs_of_a_study(tmp_path: Path) -> None:
    results = tmp_path / "results"
    write_costs(results / "counters/d/seed-0/test/m.costs.json", 1.0)
    write_costs(results / "candidates/d/seed-0/m/test.costs.json", 1.5)
    write_costs(results / "recall/d/m.costs.json", 2.0)
    write_costs(results / "rationales/d/seed-0/m/self.costs.json", 3.0)
    (results / "checkpoints/d/seed-0/m").mkdir(parents=True)
    (results / "checkpoints/d/seed-0/m/tuned.costs.json").write_text(
        json.dumps({"examples": 5, "tokens": 50, "seconds": 4.0})
    )
    tokens = {"base": {"vanilla-rag": 30, "closed-book": 10}, "tuned": {"instructrag-ft": 20, "closed-book": 20}}
    for checkpoint, methods in tokens.items():
        for i, seconds in enumerate((8.0, 4.0), 1):  # a question under both conditions in each shard
            path = results / f"answers/d/seed-0/m/{checkpoint}.{i}-of-2"
            asked = [answer(m, c, f"q{i}", n) for c in CONFIG["test"]["conditions"] for m, n in methods.items()]
            write_rows(Path(f"{path}.parquet"), asked, ANSWERS)
            write_costs(Path(f"{path}.costs.json"), seconds, engines={"vLLM": whole(4, seconds)})
    gated = [answer("vanilla-rag-gate-20", "clean", "q1", 54)]
    write_rows(results / "gated/d/seed-0/m/base.parquet", gated, ANSWERS)
    write_costs(results / "gated/d/seed-0/m/base.costs.json", 0.5)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    command = [sys.executable, SCRIPTS / "costs.py", "--results", results, "--config", tmp_path / "config.json"]
    done = subprocess.run(
        [*map(str, command), "--out", str(tmp_path / "costs.parquet")], check=False, capture_output=True, text=True
    )
    assert done.stdout == "costs: n_in=10 n_out=13\n", done.stderr
    columns = ("checkpoint", "stage", "method", "prompts", "prompt_tokens", "output_tokens", "seconds")
    assert [tuple(row[name] for name in columns) for row in read_rows(tmp_path / "costs.parquet", COSTS)] == [
        # 12 s of both shards for 40 tokens a question and condition
        ("base", "answers", "closed-book", 4, 36, 4, 3.0),
        ("base", "answers", "vanilla-rag", 4, 116, 4, 9.0),
        ("base", "answers", "vanilla-rag-gate-20", 1, 53, 1, None),
        ("base", "candidates (test)", "", 4, 36, 4, 1.5),
        ("base", "counters (test)", "", 4, 36, 4, 1.0),
        ("base", "gate", "", 4, 36, 4, 0.5),
        ("base", "generate", "", 8, 72, 8, 12.0),
        ("base", "rationales", "", 4, 36, 4, 3.0),
        ("base", "recall", "", 4, 36, 4, 2.0),
        ("tuned", "answers", "closed-book", 4, 76, 4, 6.0),
        ("tuned", "answers", "instructrag-ft", 4, 76, 4, 6.0),
        ("tuned", "finetune", "", 5, 50, 0, 4.0),
        ("tuned", "generate", "", 8, 72, 8, 12.0),
    ]
