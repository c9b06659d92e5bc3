"""The library behind the workflow: packages in the order in which data flows, each importing only those below it."""
