"""The library behind the workflow: pure functions and small classes, no Snakemake in it.

`make setup` compiles three modules with mypyc, each into a folder of its environment that is named by the hash of the
source. A program of that environment imports a compiled copy as long as the source is the one that it is of: the
results are the same, injection takes three quarters of the time, scoring nine tenths.
"""

import hashlib
import sys
from pathlib import Path

for _name in ("matching", "labels", "gates"):  # as in envs/setup.sh
    _source = Path(__file__).with_name(f"{_name}.py").read_bytes()
    _compiled = Path(sys.prefix, "compiled", hashlib.sha256(_source).hexdigest()[:16])
    if _compiled.is_dir():
        __path__.insert(0, str(_compiled))
