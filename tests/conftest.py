"""Settings of all tests."""

import os
from pathlib import Path

from hypothesis import settings

settings.register_profile("project", deadline=None)  # how fast an example runs says something of the machine only
settings.load_profile("project")

# Tools and benchmarks that tests start import the library from where it stands, as make lets them.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1] / "workflow/scripts")
