"""The command that starts a training's ranks, on one machine or on the nodes of a SLURM job."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import UserError

TORCHRUN = (sys.executable, str(Path(__file__).parents[2] / "torchrun.py"))
PORT = 29500  # the first of those that SLURM jobs take; they share nodes, so each has its own


def command(
    program: Sequence[str], ranks: int, nodes: int, gpus: int, threads: int, job: int | None, hosts: Sequence[str]
) -> list[str]:
    """Return the arguments that start `ranks` ranks of a program, spread evenly over `nodes` nodes.

    On several nodes SLURM's srun starts one torchrun on each of the job's `hosts`, and these meet on the first one.
    `gpus` are those of all nodes together (0 on CPUs), `threads` those of one node: what a step does not ask for
    again, newer versions of SLURM do not give it.
    """
    if ranks % nodes:
        raise UserError(f"{ranks} ranks cannot be spread evenly over {nodes} nodes: grant a multiple of {nodes} GPUs.")
    each = [*TORCHRUN, "--nproc_per_node", str(ranks // nodes)]
    if nodes == 1:
        return [*each, "--standalone", *program]
    if job is None:
        raise UserError(f"{nodes} nodes are asked for outside of a SLURM job: use a SLURM profile, or nodes=1.")
    if len(hosts) != nodes:
        raise UserError(f"{nodes} nodes are asked for; the SLURM job {job} has {len(hosts)}: {', '.join(hosts)}.")
    meet = ["--nnodes", str(nodes), "--rdzv_backend", "c10d", "--rdzv_id", str(job)]
    meet += ["--rdzv_endpoint", f"{hosts[0]}:{PORT + job % 10000}"]
    # --overlap: Snakemake's own step already holds the job's resources on the first node.
    srun = ["srun", "--overlap", "--nodes", str(nodes), "--ntasks", str(nodes), "--ntasks-per-node", "1"]
    srun += ["--cpus-per-task", str(threads), "--kill-on-bad-exit=1"]
    if gpus:
        srun += ["--gpus-per-node", str(gpus // nodes)]
    return [*srun, *each, *meet, *program]
