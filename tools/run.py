"""Run a study from its config to its report: Snakemake on all cores, then times and the headline table.

A study is run in the folder that its name says (see interexter/study/places.py).
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from interexter.core import program
from interexter.core.errors import UserError
from interexter.study import finished_jobs, places, settings

ROOT = Path(__file__).resolve().parents[1]
NO_RUN = {"-n", "--dry-run", "--dryrun", "--report"}  # what another run finishes meanwhile is not theirs


def main() -> None:
    """Run Snakemake, show seconds per stage and the headline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, required=True)
    parser.add_argument("--directory", type=Path, help="another folder than the study's own")
    args, more = parser.parse_known_args()
    file = ROOT / args.configfile
    config = settings.read(file)  # Snakemake would wrap its faults in lines of its own
    study = args.directory.resolve() if args.directory else places.folder(ROOT, file, config)
    if "--report" in more and not (study / "results/report/index.html").is_file():
        raise UserError(f"{os.path.relpath(study, ROOT)}: there is no finished report to show. Run the study first.")
    if not args.directory:
        places.share(ROOT, study)
    began = time.monotonic()
    results = study / "results"
    logs = finished_jobs.states(results / "logs", ".log")
    benchmarks = finished_jobs.states(results / "benchmarks", ".tsv")
    command = [sys.executable, "-m", "snakemake", "--cores", "all", *more]
    command += ["--directory", str(study), "--configfile", str(file)]
    # Where the logger and the library stand.
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/tools:{ROOT}/workflow/scripts", "PYTHONUTF8": "1"}
    # On a terminal a bar for each stage; elsewhere (a log, CI) Snakemake's own lines, but for the longest.
    shown = ["--logger", "stages"] if sys.stdout.isatty() else ["--quiet", "host", "reason"]
    status = subprocess.call([*command, *shown], cwd=ROOT, env=environment)
    if status:
        print("".join(f"\n{said}" for said in failures(results / "logs", logs)), file=sys.stderr)
        sys.exit(status)
    ran = finished_jobs.finished(results / "benchmarks", benchmarks)
    if not NO_RUN.isdisjoint(more) or (more and not ran):
        return  # Snakemake has said what was done: a plan, an unlocking, nothing at all
    _show_times(ran, time.monotonic() - began)
    sys.stdout.flush()  # before another program writes
    if ran and "report" not in ran:
        return  # a run of some files only: the report that lies there is not of this run
    page = os.path.relpath(results / "report/index.html", ROOT)
    headline = [sys.executable, str(ROOT / "tools/headline.py"), "--report", page]
    headline += ["--config", str(results / "config.json")]
    for name in ("metrics", "comparisons"):
        headline += [f"--{name}", str(results / f"report/{name}.parquet")]
    subprocess.check_call(headline, cwd=ROOT, env=environment)


def failures(logs: Path, before: finished_jobs.States) -> list[str]:
    """Return why jobs of this run failed, a line for each log with an error: Snakemake says it, but not last."""
    found = []
    for log in finished_jobs.written(logs, ".log", before):
        text = log.read_text(encoding="utf-8", errors="replace")
        said = [line for line in text.splitlines() if line.startswith("error: ")]
        found += [f"{log.relative_to(logs).with_suffix('')}: {line}" for line in said[-1:]]
    return found


def _show_times(ran: dict[str, list[finished_jobs.Job]], lasted: float) -> None:
    """Print a line per stage that ran, with the seconds of its jobs, and those of the whole run."""
    if not ran:
        print("Nothing to be done: everything is there and up to date.")
        return
    print(f"\n{'stage':22}{'jobs':>6}{'seconds':>10}{'peak GiB':>10}")
    for stage, jobs in sorted(ran.items(), key=lambda item: min(job.ended for job in item[1])):
        seconds, peak = sum(job.seconds for job in jobs), max(job.peak_mib for job in jobs)
        print(f"{stage:22}{len(jobs):>6}{seconds:>10.1f}{peak / 1024:>10.1f}")
    print(f"{'all, by the clock':22}{sum(map(len, ran.values())):>6}{lasted:>10.1f}\n")


if __name__ == "__main__":
    program.run(main, job=False)
