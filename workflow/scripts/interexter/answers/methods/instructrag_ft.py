"""instructrag-ft: instructrag without demonstrations, asked of a checkpoint trained on its rationales."""

from .instructrag_icl import TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = "instructrag"
