"""Passages for questions: BM25, dense, both, or as a data set ships them."""
