"""A process that downloads from the hub by its own client: `hub_files` starts this file as a program.

The client works in threads, takes what a server sends for as long as it sends, and cannot be ended from within. This
file imports nothing of ours. It reads a JSON object: the `function` of huggingface_hub and its `arguments`. It writes
one: a `path`, or an `error` and its `kind`.
"""

import errno
import json
import sys
from collections.abc import Iterator


def main() -> None:
    """Download what is asked for."""
    import huggingface_hub

    asked = json.load(sys.stdin)
    try:
        answer = {"path": getattr(huggingface_hub, asked["function"])(**asked["arguments"])}
    except Exception as error:  # the client raises what a server's reply makes of it
        answer = {"kind": _kind(error), "error": _said(error)}
    print(json.dumps(answer))


def _kind(error: BaseException) -> str:
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    if any(isinstance(one, OSError) and one.errno == errno.EFBIG for one in _led_to(error)):
        return "large"
    missing = isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError)  # not reached
    return "missing" if missing else ""


def _said(error: BaseException) -> str:
    """Return an error's kind and the first line of what it says; of a hub that was not reached, of what led to it."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    if isinstance(error, LocalEntryNotFoundError):
        error = error.__cause__ or error
    said = str(error).strip().splitlines()
    return ": ".join([type(error).__name__, *said[:1]])


def _led_to(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


if __name__ == "__main__":
    main()
