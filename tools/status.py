"""Say what of a study is there, what is missing, and what that would take: `make status CONFIG=config/mine.yaml`.

Plans the run twice without running it, once as it is and once as if nothing were there. What a job takes is the mean of
its rule's finished jobs, so a rule that never ran has no estimate.
"""

import argparse
from pathlib import Path
from statistics import fmean

import plans
from interexter.core.program import run
from interexter.study import finished_jobs, places, settings

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Plan, and print a line per rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, required=True)
    args = parser.parse_args()
    file = ROOT / args.configfile
    study = places.folder(ROOT, file, settings.read(file))
    places.share(ROOT, study)
    wanted, missing = plans.jobs(ROOT, file, study, "--forceall"), plans.jobs(ROOT, file, study)
    print(table(wanted, missing, finished_jobs.finished(study / "results/benchmarks")))


def table(wanted: dict[str, int], missing: dict[str, int], finished: dict[str, list[finished_jobs.Job]]) -> str:
    """Return a line per rule: jobs that are there, jobs to do, and the seconds that these would take one by one."""
    lines = [f"{'stage':22}{'there':>7}{'to do':>7}{'s each':>9}{'s to do':>10}"]
    total, unknown = 0.0, []
    for rule, count in wanted.items():
        to_do = missing.get(rule, 0)
        each = fmean(job.seconds for job in finished[rule]) if rule in finished else None
        if each is None and to_do:
            unknown.append(rule)
        total += to_do * (each or 0)
        took = "" if each is None else f"{each:.1f}"
        lines.append(
            f"{rule:22}{count - to_do:>7}{to_do:>7}{took:>9}{'' if each is None else f'{to_do * each:.0f}':>10}"
        )
    there = sum(wanted.values()) - sum(missing.values())
    lines.append(f"{'all':22}{there:>7}{sum(missing.values()):>7}{'':>9}{total:>10.0f}")
    if unknown:
        lines.append(f"Not in the estimate, since they never ran here: {', '.join(unknown)}.")
    return "\n".join(lines)


if __name__ == "__main__":
    run(main, job=False)
