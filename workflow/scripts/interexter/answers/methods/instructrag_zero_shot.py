"""instructrag-zero-shot: instructrag-icl without demonstrations; what instructrag-ft asks, of any model."""

from .instructrag_icl import TARGET, TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
