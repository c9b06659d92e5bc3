"""A series of answers as a log of inspect_ai, which `inspect view` opens: its JSON format, version 2.

The format is documented (https://inspect.aisi.org.uk/eval-logs.html) and stable, while the package brings some eighty
others; so it is written here without it, and a test reads it by the package where that is installed.
"""

import re
from datetime import UTC
from typing import Any

from ..core.identity import content_id
from ..core.tables import Row
from .sample_logs import SCORES, Series, document, scores, traits

_ENDED = {"stop": "stop", "length": "max_tokens"}  # by finish_reason; of several generations there is none


def file_name(series: Series) -> str:
    """Return the name of a log: by TIME_TASK_ID.json the viewer knows one; underscores stand between these alone."""
    parts = [re.sub(r"[^\w.+-]|_", "-", part) for part in (_written(series), _task(series))]
    return "_".join([*parts, f"{_task_id(series)}.json"])


def _written(series: Series) -> str:
    return series.written.astimezone(UTC).isoformat(timespec="seconds")


def _task(series: Series) -> str:
    return f"{series.dataset}-{series.condition}-{series.method}"


def _task_id(series: Series) -> str:
    return content_id([series.dataset, series.condition, series.method])


def log(series: Series) -> dict[str, Any]:
    """Return the log of a series: a task is a data set under a condition, asked by a method, which is its solver."""
    about = series.settings()
    written = _written(series)
    ids = [answer["question_id"] for answer in series.answers]
    of_run = {key: about[key] for key in ("dataset", "seed", "model", "checkpoint")}
    tokens = _usage(*(sum(answer[name] for answer in series.answers) for name in ("prompt_tokens", "output_tokens")))
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": content_id(about),
            "run_id": content_id(of_run),
            "created": written,
            "task": _task(series),
            "task_id": _task_id(series),
            "task_args": about,
            "solver": series.method,
            "dataset": {"name": series.dataset, "samples": len(ids), "sample_ids": ids, "shuffled": False},
            "model": series.answerer,
            "config": {"epochs": 1},
            "metadata": about,
        },
        "plan": {"name": series.method, "steps": [{"solver": series.method}]},
        "results": {"total_samples": len(ids), "completed_samples": len(ids), "scores": _results(series)},
        "stats": {"started_at": written, "completed_at": written, "model_usage": {series.answerer: tokens}},
        "samples": [_sample(answer, series.answerer) for answer in series.answers],
    }


def _results(series: Series) -> list[Row]:
    """Return the metrics: a score's mean stands under that score, all others under `label`."""
    found: dict[str, dict[str, Row]] = {name: {} for name in (*SCORES, "label")}
    for name, row in series.values().items():
        metadata = {key: row[key] for key in ("low", "high", "n")}
        under = found[name if name in SCORES else "label"]
        under[name] = {"name": name, "value": row["value"], "metadata": metadata}
    return [{"name": name, "scorer": name, "metrics": metrics} for name, metrics in found.items()]


def _sample(answer: Row, model: str) -> Row:
    said = {"role": "assistant", "content": answer["text"], "source": "generate", "model": model}
    asked = answer["messages"] or [{"role": "user", "content": answer["example"]["question"]}]
    usage = _usage(answer["prompt_tokens"], answer["output_tokens"])
    judged: dict[str, Any] = {**scores(answer), "label": answer["label"]}
    return {
        "id": answer["question_id"],
        "epoch": 1,
        "input": asked,
        "target": answer["example"]["answers"],
        "messages": [*asked, said],
        "output": {
            "model": model,
            "choices": [{"message": said, "stop_reason": _ENDED.get(answer["finish_reason"], "unknown")}],
            "completion": answer["text"],
            "usage": usage,
        },
        "model_usage": {model: usage},
        "scores": {name: {"value": value, "answer": answer["final_answer"]} for name, value in judged.items()},
        "metadata": {**document(answer), **traits(answer), "whole_prompt": answer["messages"] is not None},
    }


def _usage(asked: int, written: int) -> Row:
    return {"input_tokens": asked, "output_tokens": written, "total_tokens": asked + written}
