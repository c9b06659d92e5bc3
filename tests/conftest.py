"""Settings of all tests."""

from hypothesis import settings

settings.register_profile("project", deadline=None)  # how fast an example runs says something of the machine only
settings.load_profile("project")
