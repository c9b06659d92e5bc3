"""How a model is spoken to where its template alone does not settle it: found once, and kept in the model's folder.

`probing.probe` finds it when the model is prepared. A model that needs nothing has no such file, and one that is
fine-tuned from it takes it over with its tokenizer.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..core.errors import UserError
from ..core.files import write_text
from ..core.json_files import read_json

NAME = "chat.json"
DATE = "2024-07-26"  # what templates that show today's date show, unless a model's key `date` says another


@dataclass(frozen=True)
class Chat:
    """What is done beside rendering the template."""

    date: str = DATE  # today's, for the template: YYYY-MM-DD
    enable_thinking: bool | None = None  # the template's variable of that name; None: it has none
    folds_system: bool = False  # the system turn is put before the user's first words
    opened: str = ""  # the think block that a prompt ends in, which the model is to close
    lead: str = ""  # what stands between prompt and answer where nothing is thought: trained with the answer
    end: tuple[int, ...] = ()  # tokens that end the assistant's turn, the last of which is a control token; (): eos


def read(folder: Path) -> Chat:
    """Return what a model folder says; raise UserError if its file is not one of ours."""
    path = folder / NAME
    if not path.is_file():
        return Chat()
    said = read_json(path)
    try:
        return Chat(**{**said, "end": tuple(said.get("end", ()))})
    except TypeError as error:
        raise UserError(f"{path}: not what preparing a model writes ({error}). Prepare the model again.") from error


def write(folder: Path, chat: Chat) -> None:
    """Write it to a model folder; where nothing is to be said there is no file."""
    (folder / NAME).unlink(missing_ok=True)
    said = {name: value for name, value in asdict(chat).items() if value != asdict(Chat())[name]}
    if said:
        write_text(folder / NAME, json.dumps(said, indent=2, sort_keys=True) + "\n")
