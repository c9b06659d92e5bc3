"""Base models: where weights come from, one outcome: a folder of safetensors, tokenizer and chat template.

A model of a server has no weights here: see endpoints.py.

Nothing is executed that comes with a model: safetensors only, no remote code.
"""

import fcntl
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core import hub_files
from ..core.errors import UserError
from ..core.files import alone, folder_beside
from ..core.json_files import read_json, write_json
from . import chat, configuration, endpoints, packaged, probing, weights
from .loading import quiet_transformers
from .messages import Message
from .source_keys import ADAPTERS, CONVERTED, LOCAL, PUBLISHED, check_source
from .tokenizer import Tokenizer
from .weights import dtype_of, model_files, shapes, weights_id

_FICLONE = 0x40049409  # Linux's request to share blocks (ioctl_ficlone(2))
_BLOCK = 1 << 24  # bytes that are copied at a time

# ChatML as SmolLM2's authors published it: a system turn is put first where the messages have none.
_SYSTEM = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"


def prepare(source: dict[str, Any], out: Path, base: Path | None = None) -> dict[str, Any]:
    """Make the folder `out` from a source and return its manifest; raise UserError if the source cannot be had.

    The manifest's `chat` is what was found when the model's chat template was tried (see probing.probe). An adapter is
    merged into its base, whose manifest is the file `base`.
    """
    check_source(source)
    if source["kind"] == endpoints.KIND:
        return endpoints.prepare(source, out)
    if source["kind"] in ADAPTERS:
        return _with_adapter(source, out, base)
    make: dict[str, Callable[[dict[str, Any], Path], str | None]] = {
        "package": packaged.converted,
        "random": packaged.random,
        "local": _from_local,
        "hub": _from_hub,
        "published": _from_published,
    }
    with folder_beside(out) as folder:
        licence = make[source["kind"]](source, folder)
        check_folder(folder, published_chatml=source["kind"] in ("package", "random"))
        spoken, found = probing.probe(folder, source.get("date"), source.get("enable_thinking"))
        chat.write(folder, spoken)
        return {**manifest(folder, source, licence), "chat": found}


def _with_adapter(source: dict[str, Any], out: Path, base: Path | None) -> dict[str, Any]:
    """Make a folder from a base and an adapter; it is spoken to as the base is."""
    if base is None:
        raise UserError(f"model source: {source['kind']} is no model by itself; name it in `weights` of a recipe.")
    quiet_transformers()
    from . import merging

    described, model = read_json(base, "weights_id", "chat", "licence"), base.with_name(folder_of(base))
    weights.check(model, described["weights_id"])
    adapter = _local_folder(source) if source["kind"] in LOCAL else _snapshot(source)
    with folder_beside(out) as folder:
        about = merging.write(model, adapter, folder)
        licence = _licence_of(adapter) or described["licence"]
        own = {"adapter": about, "chat": described["chat"]}
        return {**manifest(folder, source, licence), "base_weights_id": described["weights_id"], **own}


def folder_of(manifest: Path) -> str:
    """Return the name of the folder of weights beside a manifest."""
    return manifest.name.removesuffix(".manifest.json")


def prepare_once(source: dict[str, Any], out: Path, kept: Path, base: Path | None = None) -> dict[str, Any]:
    """As `prepare`, for sources that are converted: by way of a folder that studies share, of which `out` gets copies.

    `kept` is where this source is kept once it was made; its name must change with whatever changes what is made. Its
    manifest stands beside it and is written last.
    """
    if source.get("kind") not in CONVERTED:
        return prepare(source, out, base)
    beside = kept.with_name(f"{kept.name}.manifest.json")
    # Two studies may want it at once: who makes it anew takes it from under who copies it.
    with alone(kept.with_name(f".{kept.name}.lock"), f"{kept}: to prepare this model"):
        # What was changed there since is made anew.
        if not (beside.is_file() and kept.is_dir() and weights_id(kept) == read_json(beside)["weights_id"]):
            write_json(beside, prepare(source, kept))
        with folder_beside(out) as folder:
            _take(kept, folder)
        return read_json(beside)


def manifest(folder: Path, source: dict[str, Any], licence: str | None) -> dict[str, Any]:
    """Describe a model folder: source, weights_id, dtype, vocabulary_size, context_length (tokens), licence or None."""
    config = configuration.read(folder, "vocab_size", "max_position_embeddings")
    return {
        "source": source,
        "weights_id": weights_id(folder),
        "architecture": configuration.architecture(config),
        "dtype": dtype_of(folder),
        "vocabulary_size": config["vocab_size"],
        "context_length": configuration.context_length(config, folder),
        "licence": licence,
    }


def check_folder(folder: Path, published_chatml: bool = False) -> None:
    """Raise UserError unless the folder has safetensors, an end token and a chat template that renders.

    With `published_chatml` the rendered text and its token ids must be SmolLM2's ChatML, with no token put before it.
    """
    _check_files(folder)
    configuration.read(folder, "vocab_size", "max_position_embeddings")
    shapes(folder)
    quiet_transformers()
    tokenizer = Tokenizer(folder, chat.Chat())
    text = tokenizer.rendered((Message("user", "Who?"), Message("assistant", "Me.")), begun=False)
    if not published_chatml:
        return
    expected = _SYSTEM + "<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\nMe.<|im_end|>\n"
    if text != expected:
        raise UserError(f"{folder}: the chat template renders {text!r}; expected {expected!r}.")
    ids = tokenizer.ids("<|im_start|>a<|im_end|>")
    if (ids[0], ids[-1], len(ids)) != (1, 2, 3) or tokenizer.end_tokens() != [2]:
        raise UserError(f"{folder}: the tokenizer renders <|im_start|>a<|im_end|> as {ids}; expected 1, one token, 2.")


def _check_files(folder: Path) -> None:
    names = {path.name for path in model_files(folder)}
    if "adapter_config.json" in names and "config.json" not in names:
        kinds = " or ".join(ADAPTERS)
        raise UserError(
            f"{folder}: an adapter, no model by itself. Name it in `weights` of a recipe, as kind: {kinds}."
        )
    if "config.json" not in names:
        raise UserError(f"{folder}: no config.json; expected a folder that transformers' save_pretrained wrote.")
    if not any(name.endswith(".safetensors") for name in names):
        raise UserError(
            f"{folder}: no .safetensors file. Pickled weights are refused, because loading them runs code; "
            "save the model again as safetensors."
        )


def _from_local(source: dict[str, Any], folder: Path) -> str | None:
    """Copy a model folder of this machine."""
    origin = _local_folder(source)
    _check_files(origin)
    _take(origin, folder)
    return _licence_of(origin)


def _local_folder(source: dict[str, Any]) -> Path:
    origin = Path(source["path"]).expanduser()
    if not origin.is_dir():
        raise UserError(f"model source: the folder {origin} does not exist. Put the model there or change `path`.")
    return origin


def _from_hub(source: dict[str, Any], folder: Path) -> str | None:
    """Download a model of a hub repository."""
    origin = _snapshot(source)
    _check_files(origin)
    _take(origin, folder)
    return _licence_of(origin)


def _snapshot(source: dict[str, Any]) -> Path:
    """Download one commit of a hub repository: safetensors, tokenizer and configuration, each file checked."""
    return hub_files.snapshot(
        source["repository"],
        source["revision"],
        hub_files.MODEL,
        "Check the name, the commit, the network and, for a gated model, HF_TOKEN; or take a folder (kind: local).",
        cache=None,
    )


def _from_published(source: dict[str, Any], folder: Path) -> str | None:
    """Download a checkpoint by its name here."""
    return _from_hub({**source, "repository": PUBLISHED[source["name"]]}, folder)


def _take(origin: Path, folder: Path) -> None:
    """Copy the model files of `origin` into `folder`.

    Never as hard links: who changes a byte of theirs would change ours. Where the file system can, a copy shares its
    blocks with the original until one of them is written to, and takes neither time nor room.
    """
    for path in model_files(origin):
        with path.open("rb") as theirs, (folder / path.name).open("wb") as ours:  # theirs may be a symbolic link
            try:
                fcntl.ioctl(ours, _FICLONE, theirs.fileno())
            except OSError:
                shutil.copyfileobj(theirs, ours, _BLOCK)


def _licence_of(origin: Path) -> str | None:
    """Return the licence that a model card states in its head, or None."""
    card = origin / "README.md"
    if not card.is_file():
        return None
    head = re.match(r"---\n(.*?)\n---", card.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    line = re.search(r"^license: *(\S+)", head.group(1), re.MULTILINE) if head else None
    return line.group(1) if line else None
