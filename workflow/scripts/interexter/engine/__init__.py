"""Asking a model: prompts, conversations, the store of generations, and the engines behind it."""
