"""instructrag-icl-without-answers: an ablation of InstructRAG.

The demonstrations are rationales whose writer did not see the gold answers.
"""

from .instructrag_icl import DEMONSTRATIONS, TARGET, TEMPLATES, answer

__all__ = ["DEMONSTRATIONS", "SOURCE", "TARGET", "TEMPLATES", "answer"]

SOURCE = "without-answers"
