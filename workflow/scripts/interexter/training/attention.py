"""Attention inside each example of a micro-batch: no padding, no mask, no work across examples.

FlashAttention does this on GPUs where it is installed. Elsewhere the library lays a mask over the whole micro-batch and
pays for every pair of its tokens; here each example is a causal attention of its own, which needs no mask.
"""

import importlib.util
from itertools import accumulate
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from ..core.errors import UserError

NAME = "per_example"


def implementation(device: str) -> str:
    """Return the name of the attention that a model is loaded with: FlashAttention if installed for GPUs, else ours."""
    return "flash_attention_2" if device == "cuda" and importlib.util.find_spec("flash_attn") else NAME


def per_example(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    lengths: list[int] | None = None,
    sliding_window: int | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """Attend causally within each example.

    Args:
        module: The attention layer.
        query: (rows, heads, tokens, width of a head); key and value may have fewer heads.
        key: See query.
        value: See query.
        attention_mask: None: the library makes no mask for an implementation that it does not know.
        lengths: Tokens of each example of the one row, end to end; None: each row is an example, padded on the right,
            where causality alone keeps its tokens from seeing padding.
        sliding_window: How many tokens a token sees, itself included, in models that limit it.
        more: Passed on to scaled_dot_product_attention's wrapper in transformers.

    Returns:
        (rows, tokens, heads, width of a head), and None for the weights.

    Raises:
        UserError: The model's attention has a term that only FlashAttention's interface computes.
    """
    unknown = [term for term in ("softcap", "s_aux") if more.get(term) is not None]
    if unknown:
        raise UserError(f"This model's attention needs {unknown[0]}: install flash-attn and train on a GPU.")
    cuts = [query.shape[2]] if lengths is None else lengths
    parts = []
    for end, length in zip(accumulate(cuts), cuts, strict=True):
        q, k, v = (whole[:, :, end - length : end] for whole in (query, key, value))
        parts.append(sdpa_attention_forward(module, q, k, v, _window(q, sliding_window), **more)[0])
    return torch.cat(parts, dim=1), None


def _window(query: torch.Tensor, sliding_window: int | None) -> torch.Tensor | None:
    """Return the mask (1, 1, tokens, tokens) of a window, or None where it is wider than the example."""
    tokens = query.shape[2]
    if sliding_window is None or sliding_window >= tokens:
        return None
    places = torch.arange(tokens, device=query.device)
    distance = places[:, None] - places
    return ((distance >= 0) & (distance < sliding_window))[None, None]


AttentionInterface.register(NAME, per_example)
