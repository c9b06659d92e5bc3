import pytest
from interexter.core.errors import UserError
from interexter.training.launch import command

PROGRAM = ["finetune.py", "--model", "m"]


def test_one_machine_needs_no_scheduler():
    line = command(PROGRAM, ranks=4, nodes=1, gpus=4, threads=32, job=None, hosts=[])
    assert line == ["torchrun", "--nproc_per_node", "4", "--standalone", *PROGRAM]


def test_on_several_nodes_srun_starts_one_torchrun_on_each_and_they_meet_on_the_first():
    line = " ".join(command(PROGRAM, ranks=8, nodes=2, gpus=8, threads=32, job=123456, hosts=["n07", "n09"]))
    assert line == (
        "srun --overlap --nodes 2 --ntasks 2 --ntasks-per-node 1 --cpus-per-task 32 --kill-on-bad-exit=1 "
        "--gpus-per-node 4 torchrun --nproc_per_node 4 --nnodes 2 --rdzv_backend c10d --rdzv_id 123456 "
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
