"""Series of answers as lm-evaluation-harness writes them with `--log_samples`: sample logs, and the results of a model.

The keys are those of version 0.4 (lm_eval/result_schema.py and loggers/evaluation_tracker.py there). The package brings
torch's world with it, so its files are written without it, and a test reads them by it where it is installed.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from ..core.tables import Row
from .sample_logs import SCORES, Series, document, scores, traits

_FILTER = "none"  # theirs, where nothing is taken out of a response


def task(series: Series) -> str:
    """Return the name of a series as a task: one without a sign that their file names do not hold."""
    names = (series.dataset, series.condition, series.method, f"seed{series.seed}")
    return "_".join(re.sub(r"[^\w-]", "-", name) for name in names)


def folder(series: Series) -> str:
    """Return the folder of what answered: its name as theirs makes one of a model's."""
    return re.sub(r"[\"<>:/|\\?*\[\]]+", "__", series.answerer)


def date(series: Sequence[Series]) -> str:
    """Return the ending of the names of their files: when the last of the answers was written, in UTC."""
    last = max(one.written for one in series).astimezone(UTC).replace(tzinfo=None)
    return last.isoformat(timespec="microseconds").replace(":", "-")


def samples(series: Series) -> list[Row]:
    """Return the lines of a task's sample log, in the order of the answers."""
    return [_sample(number, answer) for number, answer in enumerate(series.answers)]


def _sample(number: int, answer: Row) -> Row:
    shown, scored = document(answer), scores(answer)
    asked = answer["messages"] or [{"role": "user", "content": shown["question"]}]
    prompt = json.dumps(asked, ensure_ascii=False)  # as theirs for models that take messages
    target = shown["answers"][0]
    return {
        "doc_id": number,
        "doc": shown,
        "target": target,
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {"do_sample": False}}},
        "resps": [[answer["text"]]],
        "filtered_resps": [answer["final_answer"]],
        "filter": _FILTER,
        "metrics": list(scored),
        "doc_hash": _hash(json.dumps(shown, indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(target),
        **scored,
        "label": answer["label"],
        **traits(answer),
    }


def results(series: Sequence[Series], commit: str | None) -> dict[str, Any]:
    """Return the results file of all series of what answered; `commit` is that of the code.

    The standard errors are "N/A", as theirs are where none is computed: theirs take questions as independent, and the
    intervals of ours (results/report/metrics.csv) take those about one thing together.
    """
    tasks = {task(one): one for one in series}
    answerer = series[0].answerer
    return {
        "results": {
            name: {"alias": name, "sample_len": len(one.answers), **_means(one)} for name, one in tasks.items()
        },
        "group_subtasks": {name: [] for name in tasks},
        "configs": {name: _config(name, one) for name, one in tasks.items()},
        "versions": dict.fromkeys(tasks, 1),
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {
            name: {metric: True if metric in SCORES else None for metric in one.values()} for name, one in tasks.items()
        },
        "n-samples": {
            name: {"original": len(one.answers), "effective": len(one.answers)} for name, one in tasks.items()
        },
        "config": {"model": "interexter", "model_args": f"pretrained={answerer}", "limit": None},
        "git_hash": commit,
        "date": max(one.written for one in series).timestamp(),
        "task_hashes": {
            name: _hash("".join(s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in samples(one)))
            for name, one in tasks.items()
        },
        "model_source": "interexter",
        "model_name": answerer,
        "model_name_sanitized": folder(series[0]),
    }


def _means(series: Series) -> Row:
    values = {f"{name},{_FILTER}": row["value"] for name, row in series.values().items()}
    errors = {f"{name}_stderr,{_FILTER}": "N/A" for name in series.values()}
    return values | errors


def _config(name: str, series: Series) -> Row:
    return {
        "task": name,
        "dataset_name": series.dataset,
        "test_split": "test",
        "output_type": "generate_until",
        "metric_list": [{"metric": metric} for metric in SCORES],
        "metadata": {"version": 1, **series.settings()},
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
