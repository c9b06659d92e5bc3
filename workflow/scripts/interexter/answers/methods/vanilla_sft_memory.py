"""vanilla-sft-memory: vanilla-rag-memory, asked of a checkpoint that was trained to write the answer alone."""

from .vanilla_rag_memory import TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = "answer"
