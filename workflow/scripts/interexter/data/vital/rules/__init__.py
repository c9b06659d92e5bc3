"""Rules that find facts: one module for each kind of article."""
