"""Models of natural language inference for the tests: real ones of two layers, with random weights."""

from pathlib import Path

WORDS = "the osk is a river of tarland melvora town and no"


def tokenizer_of(folder: Path, longest: int) -> int:
    """Save a tokenizer of whole words; return the size of its vocabulary."""
    import tokenizers
    import transformers

    names = ["<pad>", "</s>", "<unk>", "1", "0", "premise:", "hypothesis:", *WORDS.split()]
    words = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({name: place for place, name in enumerate(names)}, unk_token="<unk>")
    )
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=longest
    ).save_pretrained(folder)
    return len(names)


def classifier(folder: Path, longest: int = 16) -> Path:
    """Save a classifier of three labels that takes `longest` tokens."""
    import torch
    import transformers

    config = transformers.BertConfig(
        vocab_size=tokenizer_of(folder, longest),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=longest,
        pad_token_id=0,
        initializer_range=1.0,
        id2label={0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"},
        label2id={"CONTRADICTION": 0, "NEUTRAL": 1, "ENTAILMENT": 2},
    )
    torch.manual_seed(1)
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return folder
