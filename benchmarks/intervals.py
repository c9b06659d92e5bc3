"""How often 95 % intervals cover what is true: answers drawn with known shares, with and without clusters.

Prints the table of docs/metrics.md: for numbers of questions, clusters and shares, the coverage of four
intervals, as the reported metrics have them. A share of questions; a paired difference whose sides win as often;
one that one side wins four times as often; a mean of degrees, of which one in four hits is whole. Answers of a
cluster are alike with a correlation of `icc`: each is the cluster's own with the chance sqrt(icc), and otherwise
drawn by itself. Sizes of clusters are geometric, 1.65 on average, as of the questions of a study by entity.
"""

import argparse
from typing import NamedTuple

import numpy as np
from interexter.core.program import run
from interexter.scoring.intervals import difference_interval, ratio_interval
from numpy.typing import NDArray

SHARES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5)
MEAN_SIZE = 1.65
DEGREES = (1.0, 0.67, 0.5, 0.3)


class Design(NamedTuple):
    """Questions, and the correlation of the answers of a cluster; None without clusters."""

    questions: int
    icc: float | None


DESIGNS = [Design(questions, icc) for questions in (40, 200) for icc in (None, 0.0, 0.3, 0.6)]


def main() -> None:
    """Print a line for each design and share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000)
    args = parser.parse_args()
    print("| questions | clusters | icc | p | share | difference, even | difference, uneven | mean of degrees |")
    print("|---|---|---|---|---|---|---|---|")
    for design in DESIGNS:
        clusters, icc = int(_clusters(design)[-1]) + 1, "" if design.icc is None else design.icc
        for p in SHARES:
            shown = " | ".join(f"{100 * share:.1f}" for share in covered(design, p, args.draws))
            print(f"| {design.questions} | {clusters} | {icc} | {p} | {shown} |", flush=True)


def covered(design: Design, p: float, draws: int) -> list[float]:
    """Return the share of intervals that cover, for the four quantities in the order of the table."""
    rng, clusters = np.random.default_rng(0), _clusters(design)
    even, uneven = min(p, 0.5), min(p, 0.8)
    cases = [
        ((1.0,), (p,), False),
        ((1.0, -1.0), (even, even), True),
        ((1.0, -1.0), (uneven, uneven / 4), True),
        (DEGREES, (p / 4,) * 4, False),
    ]
    found = []
    for values, chances, paired in cases:
        truth, hits = float(np.dot(values, chances)), 0
        for _ in range(draws):
            drawn = _drawn(rng, clusters, np.array([*values, 0.0]), np.cumsum(chances), design.icc or 0.0)
            _, low, high = (
                difference_interval(drawn, clusters) if paired else ratio_interval(drawn, np.ones(len(drawn)), clusters)
            )
            hits += low <= truth <= high
        found.append(hits / draws)
    return found


def _clusters(design: Design) -> NDArray[np.int64]:
    """Return the number of each question's cluster: the same clusters in every draw."""
    if design.icc is None:
        return np.arange(design.questions)
    sizes = np.random.default_rng(5).geometric(1 / MEAN_SIZE, design.questions)
    return np.repeat(np.arange(len(sizes)), sizes)[: design.questions]


def _drawn(
    rng: np.random.Generator,
    clusters: NDArray[np.int64],
    values: NDArray[np.float64],
    edges: NDArray[np.float64],
    icc: float,
) -> NDArray[np.float64]:
    """Return a value for each question."""
    own = np.searchsorted(edges, rng.random(len(clusters)), side="right")
    shared = np.searchsorted(edges, rng.random(int(clusters[-1]) + 1), side="right")[clusters]
    return np.asarray(values[np.where(rng.random(len(clusters)) < np.sqrt(icc), shared, own)])


if __name__ == "__main__":
    run(main, job=False)
