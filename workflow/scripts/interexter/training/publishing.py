"""Putting a checkpoint on a model hub: its folder, with a card that holds the measured results."""

from pathlib import Path
from typing import Any

from ..core.errors import UserError


def repository(owner: str, dataset: str, model: str, recipe: str) -> str:
    """Return the name of a checkpoint's repository; raise UserError where the config names no owner."""
    if not owner:
        raise UserError("publish.owner is empty: name the hub account or organisation in the config to publish.")
    return f"{owner}/{dataset}-{model}-{recipe}"


def publish(api: Any, folder: Path, card: str, name: str, private: bool) -> dict[str, str]:
    """Upload a folder and its card to the repository `name`, made if need be, and return where it is.

    `api` is a huggingface_hub.HfApi; it finds the token by itself (HF_TOKEN, or a login).
    """
    api.create_repo(name, private=private, exist_ok=True)
    api.upload_folder(repo_id=name, folder_path=str(folder), ignore_patterns=["README.md"])
    done = api.upload_file(repo_id=name, path_in_repo="README.md", path_or_fileobj=card.encode())
    return {"repository": name, "commit": str(done.oid)}
