"""The config of a study: its schema, checks, fingerprints and locks."""
