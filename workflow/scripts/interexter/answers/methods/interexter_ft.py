"""interexter-ft: interexter without demonstrations, asked of a checkpoint trained on its rationales."""

from .interexter_icl import TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = "interexter"
