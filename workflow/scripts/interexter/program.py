"""How a program starts and ends. A run has hundreds of small ones, most of whose time that is."""

import atexit
import errno
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path

from .errors import UserError

_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


def run(main: Callable[[], None], job: bool = True, pandas: bool = True, collector: bool = True) -> None:
    """Run a script's `main`; on a UserError, or where nothing can be written, print one line and exit with status 1.

    Args:
        main: the script.
        job: whether the last line of its log says how long it took.
        pandas: whether pyarrow may work with pandas, which it imports for the first list that it converts.
            False spares that import, 0.2 s, where only tables are dealt with.
        collector: whether cycles of objects are looked for, which takes long among millions of rows. These are
            trees, and go without it.
    """
    began = time.monotonic()
    if not collector:
        gc.disable()
    if not pandas:
        _leave_out_pandas()
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _NOT_WRITABLE:
            raise
        sys.exit(f"error: {error}. What is finished is kept: give it room or the right to write, and run again.")
    if job and not sys.stderr.isatty():
        print(f"{Path(sys.argv[0]).stem}: seconds={time.monotonic() - began:.1f}", file=sys.stderr)
    if "torch" not in sys.modules:  # whose extensions tell of leaks where the last collection leaves them out
        gc.freeze()  # it would look at all that was imported, and frees nothing that the end does not


@contextmanager
def large_imports() -> Iterator[None]:
    """Import vLLM or transformers in about a sixth less time: the collector does not look for cycles in what stays."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        atexit.register(gc.unfreeze)  # or torch's extensions would tell of leaks
        if collecting:
            gc.enable()


def _leave_out_pandas() -> None:
    """Let pyarrow look for pandas, which it does once, while there is none to be found."""
    import pyarrow

    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    pyarrow.array([0])
    sys.meta_path.remove(hidden)


class _NoPandas(MetaPathFinder):
    """Finds no pandas, and lets nobody else look for it."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
