"""vanilla-sft: vanilla-rag, asked of a checkpoint that was trained to write the answer alone."""

from .vanilla_rag import TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = "answer"
