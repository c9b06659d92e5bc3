"""Be torchrun, but for what it says of ranks that fail: `torchrun.py --standalone --nproc_per_node 2 finetune.py ...`.

A rank that fails says why in a line. torchrun puts a page about its processes behind it; here that line is the last.
"""

import logging
import signal
import sys

from interexter.core.program import run


def main() -> None:
    """Start the ranks and wait for them; end with status 1 where one fails, with a line where it could say nothing."""
    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    logging.disable(logging.ERROR)  # in this process; ranks are others
    try:
        torchrun.run(torchrun.parse_args(sys.argv[1:]))
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode < 0:
            name = signal.Signals(-failure.exitcode).name
            sys.exit(
                f"error: rank {rank} was ended by {name}. Where nobody ended it, there was most often not enough "
                "memory: give the job more, or lower the recipe's micro_batch and max_length."
            )
        sys.exit(1)


if __name__ == "__main__":
    run(main, job=False)
