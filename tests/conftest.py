"""Settings of all tests: property tests try the same examples at each run; HYPOTHESIS_PROFILE=random searches anew."""

import os

from hypothesis import settings

# How fast an example runs says something of the machine only.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))
