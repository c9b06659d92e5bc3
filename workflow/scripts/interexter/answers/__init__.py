"""What a model is asked: recall, evidence, rationales, demonstrations, methods."""
