"""The library behind the workflow: pure functions and small classes, no Snakemake in it."""
