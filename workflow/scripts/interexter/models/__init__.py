"""Weights on disk: where they come from, their tokenizer and chat template, models of entailment."""
