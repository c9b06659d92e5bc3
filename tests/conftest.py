"""Settings of all tests."""

import os
from pathlib import Path

from hypothesis import settings

# Tools and benchmarks that tests start import the library from where it stands, as make lets them.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1] / "workflow/scripts")

# How fast an example runs says something of the machine only.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))
