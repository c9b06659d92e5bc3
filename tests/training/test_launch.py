import os
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core.errors import UserError
from interexter.training.launch import TORCHRUN, command

PROGRAM = ["finetune.py", "--model", "m"]


def test_one_machine_needs_no_scheduler():
    line = command(PROGRAM, ranks=4, nodes=1, gpus=4, threads=32, job=None, hosts=[])
    assert line == [*TORCHRUN, "--nproc_per_node", "4", "--standalone", *PROGRAM]


def test_on_several_nodes_srun_starts_one_torchrun_on_each_and_they_meet_on_the_first():
    line = " ".join(command(PROGRAM, ranks=8, nodes=2, gpus=8, threads=32, job=123456, hosts=["n07", "n09"]))
    assert line == (
        "srun --overlap --nodes 2 --ntasks 2 --ntasks-per-node 1 --cpus-per-task 32 --kill-on-bad-exit=1 "
        f"--gpus-per-node 4 {' '.join(TORCHRUN)} --nproc_per_node 4 --nnodes 2 --rdzv_backend c10d --rdzv_id 123456 "
        "--rdzv_endpoint n07:32956 finetune.py --model m"
    )  # 29500 + 123456 % 10000 = 32956


def test_cpu_nodes_ask_for_no_gpu():
    assert "--gpus-per-node" not in command(PROGRAM, 4, 2, 0, 8, 7, ["a", "b"])


@pytest.mark.parametrize(
    ("ranks", "job", "hosts", "said"),
    [
        (3, 1, ["a", "b"], "3 ranks cannot be spread evenly over 2 nodes"),
        (4, None, [], "outside of a SLURM job"),
        (4, 1, ["a"], "the SLURM job 1 has 1: a"),
    ],
)
def test_what_cannot_be_launched_is_refused(ranks, job, hosts, said):
    with pytest.raises(UserError, match=said):
        command(PROGRAM, ranks, 2, ranks, 8, job, hosts)


FAILS = """
import os, signal, sys
from interexter.core.errors import UserError
from interexter.core.program import run
def main():
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    raise UserError("no memory for a tensor")
run(main)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "said"), [("says", "error: no memory for a tensor"), ("killed", "error: rank 0 was ended by SIGKILL. ")]
)
def test_what_a_rank_ends_with_is_said_last_and_alone(tmp_path: Path, how: str, said: str):
    (tmp_path / "fails.py").write_text(FAILS, encoding="utf-8")
    line = command([str(tmp_path / "fails.py"), how], ranks=1, nodes=1, gpus=0, threads=1, job=None, hosts=[])
    scripts = str(Path(TORCHRUN[1]).parent)
    environment = {**os.environ, "PYTHONPATH": scripts, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(line, env=environment, capture_output=True, text=True)
    assert line[0] == sys.executable and ended.returncode == 1
    assert [one for one in ended.stderr.splitlines() if one][-1].startswith(said)
    assert ended.stderr.count("\n") == 1, ended.stderr
