"""Renew the conda environments' locks: `python envs/lock.py`, or some by name, `python envs/lock.py vllm-cuda`.

`envs/NAME.in` says what the rules import. This program lets uv resolve it, with everything below, and writes
`envs/NAME.yaml`: each package of pip's part with its pin. It stands in the environment file itself, because Snakemake
copies and hashes that file alone. What runs on a CPU is held to requirements.lock, so that conda and .venv agree.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ENVS = Path(__file__).resolve().parent
LOCK = ENVS.parent / "requirements.lock"
UV = ("uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate")
TARGET = ("--python-version", "3.11", "--python-platform", "x86_64-unknown-linux-gnu")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
ONLY_CUDA = re.compile(r"(nvidia|cuda|nvshmem)\b")  # what PyPI's build of torch asks for; the CPU's does not

# Conda's part, as conda-forge has it: a compiler where a library compiles at run time (DeepSpeed, torch's inductor),
# CUDA's where it must. These pins are renewed by hand.
PYTHON = ["python==3.11.14", "pip==25.2"]
COMPILER = ["cxx-compiler==1.11.0"]
CONDA = {
    "base": PYTHON,
    "train": [*PYTHON, *COMPILER],
    "vllm": [*PYTHON, *COMPILER],
    "train-cuda": [*PYTHON, *COMPILER, "cuda-nvcc==13.0.88"],
    "vllm-cuda": [*PYTHON, *COMPILER],
}


def main() -> None:
    """Write the environments that are named, or all."""
    for name in sys.argv[1:] or CONDA:
        path = ENVS / f"{name}.yaml"
        path.write_text(environment(name, resolved(ENVS / f"{name}.in", cpu="cuda" not in name)))
        print(f"{path.name}: {len(packages(path))} packages")


def environment(name: str, pins: list[str]) -> str:
    """Return an environment file."""
    cpu_torch = "cuda" not in name and any(pin.startswith("torch==") for pin in pins)
    lines = [
        f"# Written by envs/lock.py from {name}.in: change that and run it again.",
        "channels: [conda-forge, nodefaults]",
        "dependencies:",
        *(f"  - {package}" for package in CONDA[name]),
        "  - pip:",
        *([f"      - --extra-index-url {CPU_INDEX}"] if cpu_torch else []),
        *(f"      - {pin}" for pin in pins),
    ]
    return "\n".join(lines) + "\n"


def resolved(source: Path, cpu: bool) -> list[str]:
    """Return the pins of a list of packages and of everything below them; end the program where there are none.

    On a CPU torch comes from an index of its own and is called 2.13.0+cpu there. That index is not asked: torch's
    pin and triton's are given, and what only the CUDA build asks for is left out.
    """
    lock = LOCK.read_text()
    with TemporaryDirectory() as folder:
        constraints, overrides = Path(folder, "constraints"), Path(folder, "overrides")
        constraints.write_text(re.sub(r"(?m)^(#|triton).*\n", "", lock) if cpu else "")
        overrides.write_text("\n".join(re.findall(r"(?m)^(?:# )?((?:torch|triton)==\S+)", lock)) if cpu else "")
        # uv of the Python that runs this, .venv's, before any other
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [*UV, *TARGET, "--constraint", str(constraints), "--override", str(overrides), str(source)],
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": path},
        )
    if done.returncode:
        sys.exit(f"error: {source.name} does not resolve:\n{done.stderr}")
    pins = [line for line in done.stdout.split("\n") if "==" in line]
    return [pin for pin in pins if not (cpu and ONLY_CUDA.match(pin))]


def packages(path: Path) -> list[str]:
    """Return the pins of an environment file."""
    return re.findall(r"(?m)^      - ([^-\s]\S*==\S+)$", path.read_text())


if __name__ == "__main__":
    main()
