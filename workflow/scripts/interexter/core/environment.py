"""The environment of programs: what libraries read while they are imported. A notebook's is left as it is.

`core.program` settles it when a program imports it, before anything heavy is imported. Caches stay in the working
directory, no library reports home, and none draws progress bars into logs.
"""

import os
from pathlib import Path

CACHE = Path(".cache")

_SETTINGS = {
    "HF_HOME": str(CACHE / "huggingface"),
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def settle() -> None:
    """Set what every program shares; what a person has set already stays."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


def limit_threads(number: int) -> None:
    """Give this process so many threads, 1 at least: Snakemake gives each process those of the whole job."""
    for name in _THREADS:
        os.environ[name] = str(max(1, number))


def hide_gpus() -> None:
    """Let the libraries see the CPU alone; DeepSpeed would warn that there is no GPU."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["DS_ACCELERATOR"] = "cpu"
