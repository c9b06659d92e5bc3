"""Judgements of answers, metrics with their intervals, comparisons with their tests."""
