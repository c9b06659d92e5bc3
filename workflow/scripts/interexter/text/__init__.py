"""What a text says: names in it, its final answer, its label, the stance of a passage."""
