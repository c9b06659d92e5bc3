"""The transformers library without its talk."""

from typing import Any


def quiet_transformers() -> Any:
    """Return transformers, imported late, because it takes seconds, and without its progress bars."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers
