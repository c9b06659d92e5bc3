"""What Snakemake would do in the folder of a study, asked without doing it."""

import re
import subprocess
import sys
from pathlib import Path

from interexter.core.errors import UserError


def asked(root: Path, config: Path, study: Path, *arguments: str) -> str:
    """Return what Snakemake writes, of the workflow below `root`; raise UserError where it fails."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    command += ["--directory", str(study.resolve()), "--configfile", str(config.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if done.returncode:
        ours = [line for line in said.splitlines() if line.startswith("error: ")]
        raise UserError(ours[-1].removeprefix("error: ") if ours else said)
    return said


def jobs(root: Path, config: Path, study: Path, *arguments: str) -> dict[str, int]:
    """Return how many jobs of each rule a run would have, in Snakemake's order."""
    said = asked(root, config, study, "--dry-run", "--quiet", "rules", *arguments)
    found = {one[1]: int(one[2]) for one in re.finditer(r"^(\w+) +(\d+)$", said, re.MULTILINE)}
    return {rule: count for rule, count in found.items() if rule not in ("all", "total")}
