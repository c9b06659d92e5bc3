"""Tiny models of the families that people use, each with a chat template of its family's kind, written for the tests.

The weights are random and the tokenizers know bytes and their family's special tokens; what counts is how a template
treats turns, dates, thinking and ends.
"""

from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers


class Family(NamedTuple):
    """A family of models: its configuration class, its template, and its special tokens."""

    config: str
    template: str
    special: tuple[str, ...]  # bos, eos, and others
    plain: tuple[str, ...] = ()  # added tokens that are not special
    spaced: bool = False  # words begin with a space mark, the first of a text too
    strips: bool = False  # special tokens take the white space after them


_ALTERNATES = """
{%- for turn in turns %}
{%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('Roles must alternate: user, assistant, user, ...') }}
{%- endif %}
{%- endfor %}"""

_CHATML = "{{- '<|im_start|>' + turn.role + '\\n' + turn.content + '<|im_end|>\\n' }}"

LLAMA = """{{- bos_token }}
{%- if strftime_now is defined %}{% set today = strftime_now('%d %b %Y') %}
{%- else %}{% set today = 'unknown' %}{% endif %}
{%- if messages[0]['role'] == 'system' %}
{%- set told = messages[0]['content'] | trim %}{% set turns = messages[1:] %}
{%- else %}{% set told = '' %}{% set turns = messages %}{% endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\nKnowledge ends: December 2023\\nToday is ' + today + '\\n\\n' }}
{{- told + '<|eot_id|>' }}
{%- for turn in turns %}
{{- '<|start_header_id|>' + turn['role'] + '<|end_header_id|>\\n\\n' + turn['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"""

QWEN = (
    """{%- for turn in messages %}
{%- if turn.role == 'assistant' and loop.last %}
{%- set answer = turn.content.split('</think>')[-1].lstrip('\\n') %}
{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' + answer + '<|im_end|>\\n' }}
{%- else %}
"""
    + _CHATML
    + """
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{% endif %}
{%- endif %}"""
)

GEMMA = (
    """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}{{- raise_exception('There is no system role.') }}{% endif %}
{%- set turns = messages %}"""
    + _ALTERNATES
    + """
{%- for turn in turns %}
{%- set role = 'model' if turn['role'] == 'assistant' else turn['role'] %}
{{- '<start_of_turn>' + role + '\\n' + turn['content'] | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{% endif %}"""
)

MISTRAL = (
    """{%- if messages[0]['role'] == 'system' %}
{%- set told = messages[0]['content'] + '\\n\\n' %}{% set turns = messages[1:] %}
{%- else %}{% set told = '' %}{% set turns = messages %}{% endif %}"""
    + _ALTERNATES
    + """
{{- bos_token }}
{%- for turn in turns %}
{%- if turn['role'] == 'user' %}
{{- '[INST] ' + (told if loop.index0 >= turns | length - 2 else '') + turn['content'] + '[/INST]' }}
{%- else %}{{- ' ' + turn['content'] + eos_token }}{% endif %}
{%- endfor %}"""
)

MISTRAL_WITHOUT_SYSTEM = (
    """{{- bos_token }}{%- set turns = messages %}"""
    + _ALTERNATES
    + """
{%- for turn in turns %}
{%- if turn['role'] == 'user' %}{{- '[INST] ' + turn['content'] + ' [/INST]' }}
{%- else %}{{- ' ' + turn['content'] + eos_token }}{% endif %}
{%- endfor %}"""
)

PHI = """{%- for turn in messages %}
{{- '<|' + turn['role'] + '|>\\n' + turn['content'] + '<|end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>\\n' }}{% else %}{{- eos_token }}{% endif %}"""

SMOLLM = (
    """{%- if enable_thinking is not defined %}{% set enable_thinking = true %}{% endif %}
{%- set told = messages[0].content if messages[0].role == 'system' else 'You are a helpful assistant.' %}
{%- set turns = messages[1:] if messages[0].role == 'system' else messages %}
{{- '<|im_start|>system\\n## Metadata\\n\\nToday: ' + strftime_now('%d %B %Y') + '\\nReasoning: ' }}
{{- ('/think' if enable_thinking else '/no_think') + '\\n\\n## Instructions\\n\\n' + told + '<|im_end|>\\n' }}
{%- for turn in turns %}
{%- if turn.role == 'assistant' %}
{%- generation %}
{{- '<|im_start|>assistant\\n' + ('' if enable_thinking else '<think>\\n\\n</think>\\n') }}
{{- turn.content + '<|im_end|>\\n' }}
{%- endgeneration %}
{%- else %}
"""
    + _CHATML
    + """
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' + ('' if enable_thinking else '<think>\\n\\n</think>\\n') }}
{%- endif %}"""
)

# As those of models that are trained to reason: a prompt opens the block, and answers of earlier turns have none.
THINKER = """{{- bos_token }}
{%- for turn in messages %}
{%- if turn.role == 'system' %}{{- turn.content }}
{%- elif turn.role == 'user' %}{{- '<|User|>' + turn.content }}
{%- else %}{{- '<|Assistant|>' + turn.content.split('</think>')[-1] + eos_token }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|Assistant|><think>\\n' }}{% endif %}"""

_IM = ("<|im_start|>", "<|im_end|>")
_THINK = ("<think>", "</think>")
FAMILIES = {
    "llama": Family(
        "Llama",
        LLAMA,
        ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ),
    "qwen": Family("Qwen3", QWEN, ("<|endoftext|>", "<|im_end|>", "<|im_start|>"), _THINK),
    "gemma": Family("Gemma2", GEMMA, ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"), ("\n\n", "<table>")),
    "mistral": Family("Mistral", MISTRAL, ("<s>", "</s>", "[INST]", "[/INST]"), spaced=True),
    "mistral-1": Family("Mistral", MISTRAL_WITHOUT_SYSTEM, ("<s>", "</s>"), spaced=True),
    "phi": Family(
        "Phi3", PHI, ("<s>", "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"), strips=True
    ),
    "smollm": Family("SmolLM3", SMOLLM, ("<|begin_of_text|>", "<|im_end|>", "<|im_start|>"), _THINK),
    "thinker": Family("Qwen2", THINKER, ("<|begin|>", "<|finish|>", "<|User|>", "<|Assistant|>"), _THINK),
}


def make(folder: Path, name: str, template: str | None = None, **config: Any) -> Path:
    """Write a model of a family to a folder, with another template or further keys of its configuration if given."""
    import torch
    import transformers

    family = FAMILIES[name]
    made = _tokenizer(family)
    bos, eos, *_ = family.special
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token=bos, eos_token=eos)
    wrapped.chat_template = family.template if template is None else template
    wrapped.save_pretrained(folder)
    sizes = {
        **{"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 8},
        **{"num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 2048, "pad_token_id": None},
        **{"vocab_size": made.get_vocab_size(), "bos_token_id": None, "eos_token_id": wrapped.eos_token_id},
    }
    torch.manual_seed(0)
    configured = getattr(transformers, f"{family.config}Config")(**{**sizes, **config})
    getattr(transformers, f"{family.config}ForCausalLM")(configured).save_pretrained(folder)
    return folder


def make_adapter(base: Path, folder: Path, rank: int = 4, alpha: int = 6) -> Path:
    """Write an adapter of a model to a folder, by peft, with factors that are not zero."""
    import peft
    import torch
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    wanted = peft.LoraConfig(r=rank, lora_alpha=alpha, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    both = peft.get_peft_model(model, wanted)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in both.named_parameters():
            if "lora_" in name:
                parameter.normal_(std=0.3)
    both.save_pretrained(folder)
    return folder


def _tokenizer(family: Family) -> Any:
    """Return a tokenizer of bytes, as one text or with a mark before each word."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    if family.spaced:
        bytes_of = [f"<0x{byte:02X}>" for byte in range(256)]
        words = ["<unk>", *bytes_of, "\u2581", *map(chr, range(33, 127))]
        made = Tokenizer(
            models.BPE({word: n for n, word in enumerate(words)}, [], byte_fallback=True, unk_token="<unk>")
        )
        made.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
        made.decoder = decoders.Sequence(
            [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
    else:
        made = Tokenizer(models.BPE({byte: n for n, byte in enumerate(alphabet)}, []))
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True, rstrip=family.strips) for token in family.special])
    made.add_tokens([AddedToken(token, special=False, normalized=False) for token in family.plain])
    return made
