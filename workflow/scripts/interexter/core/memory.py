"""The memory of this machine, as Linux tells it."""

import re
from pathlib import Path

_ENTRY = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)


def of_machine() -> dict[str, int]:
    """Return the entries of /proc/meminfo in bytes (`MemTotal`, `MemAvailable`); in a container the host's."""
    told = Path("/proc/meminfo").read_text(encoding="ascii")
    return {name: int(kib) * 1024 for name, kib in _ENTRY.findall(told)}
