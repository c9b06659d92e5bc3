"""The report: one self-contained HTML page of a run, and the table that a terminal shows of it."""
