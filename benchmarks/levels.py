"""How often p is below 0.05 where two methods are alike, but each seed makes one of them better or worse.

Prints the table of docs/metrics.md: for numbers of questions, shares and standard deviations of the seeds, the level of
the p by questions alone, and of the p of comparisons over seeds. A question is as hard for both methods but for a part
of its own (normal, on the scale of logits, half of it shared by the questions of its cluster); sizes of clusters are
geometric, 1.65 on average. A seed adds a normal draw to the share of each method. Answers of one question with two
seeds are one draw with a chance of 0.6. The last lines have a difference of 0.15: the power.
"""

import argparse

import numpy as np
from interexter.core.program import run
from interexter.scoring.significance import paired_p, paired_p_over_seeds
from numpy.typing import NDArray

SEEDS = 3
MEAN_SIZE = 1.65
CASES = [(n, share, spread) for n in (60, 200) for share in (0.1, 0.4) for spread in (0.0, 0.05, 0.1)]
LEVEL = 0.05


def main() -> None:
    """Print a line for each case, without a difference and with one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2500)
    args = parser.parse_args()
    print("| difference | questions | share | sd of the seeds | p by questions alone | p |\n|---|---|---|---|---|---|")
    for difference in (0.0, 0.15):
        for n, share, spread in CASES:
            rng, below = np.random.default_rng(0), np.zeros(2)
            for _ in range(args.draws):
                d, clusters, seeds = drawn(rng, n, share, spread, difference)
                below += np.array([paired_p(d, clusters, 0), paired_p_over_seeds(d, clusters, seeds, 0)]) < LEVEL
            alone, both = 100 * below / args.draws
            print(f"| {difference} | {n} | {share} | {spread} | {alone:.1f} | {both:.1f} |", flush=True)


def drawn(
    rng: np.random.Generator, n: int, share: float, spread: float, difference: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return differences of two methods, with the numbers of their clusters and seeds, each of (n SEEDS,)."""
    clusters = np.repeat(np.arange(n), rng.geometric(1 / MEAN_SIZE, n))[:n]
    hard = np.log(share / (1 - share)) + rng.normal(0, 1, n)[clusters] + rng.normal(0, 1, n)
    right = []
    for gain in (difference, 0.0):
        chance = 1 / (1 + np.exp(-hard - rng.normal(0, 0.8, n)))[:, None] + rng.normal(0, spread, SEEDS) + gain
        lot = np.where(rng.random((n, SEEDS)) < 0.6, rng.random(n)[:, None], rng.random((n, SEEDS)))
        right.append(lot < chance)
    of_seeds = np.tile(np.arange(SEEDS), n)
    return (right[0].astype(float) - right[1]).ravel(), np.repeat(clusters, SEEDS), of_seeds


if __name__ == "__main__":
    run(main)
