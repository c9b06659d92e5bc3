"""The sections of a rationale that weighs documents against memory."""

EVIDENCE, MEMORY, COMPARISON, ANSWER = "External evidence", "Internal knowledge", "Comparison", "Final answer"
SECTIONS = (EVIDENCE, MEMORY, COMPARISON, ANSWER)  # in their order
