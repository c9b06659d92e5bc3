"""The library behind the workflow: pure functions and small classes, no Snakemake in it.

`make setup` compiles matching.py with mypyc, into a folder of its environment that is named by the hash of the
source. A program of that environment imports the compiled copy, as long as the source is the one that it is of:
the results are the same, injection takes three quarters of the time.
"""

import hashlib
import sys
from pathlib import Path

_SOURCE = Path(__file__).with_name("matching.py")
_COMPILED = Path(sys.prefix, "compiled", hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16])
if _COMPILED.is_dir():
    __path__.insert(0, str(_COMPILED))
