"""Counter-answers and counter-passages, the examples of each condition, and the gates that these pass."""
