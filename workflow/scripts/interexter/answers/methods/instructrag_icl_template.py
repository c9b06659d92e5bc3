"""instructrag-icl-template: an ablation of InstructRAG.

Rationales that are filled in by rule are the demonstrations.
"""

from .instructrag_icl import DEMONSTRATIONS, TARGET, TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "SOURCE", "TARGET", "TEMPLATES", "answer"]

SOURCE = "template"
