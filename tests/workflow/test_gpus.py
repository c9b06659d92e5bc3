"""GPUs in the workflow: shards of `generate` share those of a machine, and a run without any is refused.

Devices are names in CUDA_VISIBLE_DEVICES, and a stand-in for generate.py says which it was given.
"""

import shutil
from pathlib import Path

import pytest
import yaml

from .conftest import Study

pytestmark = pytest.mark.slow

SHARDS = 4
CHECKPOINTS = ("base", "interexter-ft")
GIVEN = ("inject", "evidence", "recall", "demonstrations", "prepare_model", "finetune")  # what generate takes
GENERATE = """
import os, sys, time
from pathlib import Path

def say(what):
    with open("devices.log", "a") as log:
        log.write(f"{what} {os.environ['CUDA_VISIBLE_DEVICES']}\\n")

say("began")
time.sleep(2)
say("ended")
for option in ("--out", "--rejected", "--costs"):
    Path(sys.argv[sys.argv.index(option) + 1]).touch()
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study on GPUs of which all is there, empty, but the answers."""
    study = Study(tmp_path_factory.mktemp("made") / "project")
    config = yaml.safe_load((study.folder / "config/smoke.yaml").read_text())
    config |= {"device": "cuda", "generate": config["generate"] | {"shards": SHARDS}}
    (study.folder / "config/smoke.yaml").write_text(yaml.safe_dump(config))
    (study.folder / "workflow/scripts/generate.py").write_text(GENERATE)
    for rule, outputs in study.every_job()[0]:
        for name in outputs if rule in GIVEN else []:
            path = study.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    metadata = study.folder / "packages/vllm-0.dist-info/METADATA"  # as if the build for CUDA were there
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0\n")
    return study


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Study:
    """Return a copy of it."""
    return made.copy(tmp_path / "project")


def generate(study: Study, *arguments: str) -> tuple[int, str]:
    """Run `generate` alone, on four visible devices; return its status and what was said."""
    wanted = [
        f"results/answers/vital/seed-0/tiny/{checkpoint}.{i + 1}-of-{SHARDS}.parquet"
        for checkpoint in CHECKPOINTS
        for i in range(SHARDS)
    ]
    more = {
        "CUDA_VISIBLE_DEVICES": "2,3,5,7",
        "GPU_LOCK_DIR": str(study.folder / "locks"),
        "PYTHONPATH": str(study.folder / "packages"),
    }
    done = study.snakemake(*wanted, "--cores", "8", "--allowed-rules", "generate", *arguments, more=more)
    return done.returncode, done.stdout + done.stderr


def held_together(study: Study) -> list[int]:
    """Return how many devices were held after each line of the log; no device by two jobs."""
    held: set[str] = set()
    sizes = []
    for line in (study.folder / "devices.log").read_text().splitlines():
        what, _, devices = line.partition(" ")
        taken = set(devices.split(","))
        assert taken <= {"2", "3", "5", "7"}
        assert taken.isdisjoint(held) if what == "began" else taken <= held
        held ^= taken
        sizes.append(len(held))
    return sizes


def test_shards_use_all_gpus_that_are_granted_and_share_none_on_two_cores_for_each(study: Study) -> None:
    status, said = generate(study, "--resources", "gpu=4")
    assert status == 0, said
    sizes = held_together(study)
    assert len(sizes) == 2 * len(CHECKPOINTS) * SHARDS
    assert max(sizes) == 4


def test_a_grant_of_fewer_is_kept(study: Study) -> None:
    status, said = generate(study, "--resources", "gpu=2")
    assert status == 0, said
    assert max(held_together(study)) == 2


def test_an_engine_over_two_gpus_gets_two(study: Study) -> None:
    study.edit("config/smoke.yaml", "engine:\n", "engine:\n  tensor_parallel:\n    tiny: 2\n")
    status, said = generate(study, "--resources", "gpu=4")
    assert status == 0, said
    assert set(held_together(study)) <= {0, 2, 4}


@pytest.mark.parametrize(("engine", "granted"), [(1, 0), (2, 1)])
def test_a_run_on_gpus_that_is_granted_too_few_ends_before_its_first_job(
    study: Study, engine: int, granted: int
) -> None:
    study.edit("config/smoke.yaml", "engine:\n", f"engine:\n  tensor_parallel:\n    tiny: {engine}\n")
    status, said = generate(study, "--resources", f"gpu={granted}")
    assert status != 0
    assert f"an engine takes {engine} GPU(s), but the run was granted {granted}" in said
    assert "Traceback" not in said
    assert not (study.folder / "devices.log").exists()


def test_a_run_on_gpus_without_builds_for_them_ends_before_its_first_job(study: Study) -> None:
    shutil.rmtree(study.folder / "packages")
    status, said = generate(study, "--resources", "gpu=4")
    assert status != 0
    assert "this Python, which holds builds for CPUs. Add --software-deployment-method conda" in said
    assert "Traceback" not in said
    assert not (study.folder / "devices.log").exists()


def test_on_a_cpu_none_is_visible_whatever_is_granted(study: Study) -> None:
    study.edit("config/smoke.yaml", "device: cuda", "device: cpu")
    status, said = generate(study, "--resources", "gpu=4")
    assert status == 0, said
    assert set((study.folder / "devices.log").read_text().splitlines()) == {"began ", "ended "}
