"""A training from its files to its files, on one rank: check, train or resume; the first rank writes the outputs."""

import time

from ..models import weights
from . import outcome, ranks, tracking
from .job import Job, read


def finetune(job: Job) -> None:
    """Train, or go on where a killed run of the same training stopped; raise UserError on what cannot be trained."""
    began = time.monotonic()
    rank = ranks.joined()
    inputs = read(job)
    tracking.check(job.tracking)
    if rank.first:
        weights.check(job.model, inputs.base["weights_id"])
    ranks.set_environment(job.device, job.threads, rank.local)
    from . import running  # the libraries read the environment while they are imported

    partial = running.run(job, inputs, rank, began)
    if rank.first:
        outcome.deliver(job, partial)
