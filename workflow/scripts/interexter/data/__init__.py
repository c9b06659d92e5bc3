"""From a source of data to questions, passages and a card."""
