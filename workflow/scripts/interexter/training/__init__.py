"""Training rows, recipes, the trainer, and the card of a checkpoint."""
