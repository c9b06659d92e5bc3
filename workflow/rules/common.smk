# Reads and checks the config; what its files hold, every rule may use.
import atexit
import json
import math
import os
import re
import sys
from functools import cache
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError


include: "common/place.smk"


# The workflow's own place: a run may have another working directory, and another workflow may use this one as a module.
ROOT = project_folder(workflow.current_basedir)
SCRIPTS = ROOT / "workflow" / "scripts"
HERE = Path.cwd()  # the run's folder; Snakemake leaves it at its end
CONDA = "conda" in map(str, workflow.deployment_settings.deployment_method)
sys.path.insert(0, str(SCRIPTS))

from interexter.core.errors import UserError
from interexter.study import interpreter

try:
    # Before the libraries that the next lines import: of a person's PYTHONPATH they would get foreign ones.
    interpreter.export(SCRIPTS)
except UserError as error:
    sys.exit(f"error: {error}")

from interexter.answers import methods
from interexter.answers.rationales import ONE_STYLE
from interexter.answers.rationales import TEMPLATES as RATIONALE_TEMPLATES
from interexter.answers.recall import TEMPLATES as RECALL_TEMPLATES
from interexter.core import files
from interexter.core.identity import canonical_json, content_id
from interexter.core.json_files import write_json
from interexter.core.root_paths import from_root
from interexter.engine import published_prompts
from interexter.injection import injectors
from interexter.models import source_keys
from interexter.scoring import published_numbers
from interexter.study import (
    config_file,
    gpu_plan,
    host_memory,
    layout,
    locks,
    places,
    report_files,
    secrets,
    settings,
    watched,
)
from interexter.study.fingerprint import fingerprint

try:
    places.check_quoted(ROOT, HERE, *map(Path, workflow.configfiles))
    # Snakemake takes the last of two equal keys, and says no line: each file is read once more, for its faults.
    # In a module, they are another workflow's.
    own = Path(workflow.main_snakefile) == ROOT / "Snakefile"
    for file in workflow.configfiles if own and workflow.is_main_process else []:
        config_file.read(Path(file))
    config = secrets.taken_out(places.located(settings.checked(config), ROOT))
    # No parameter of a rule: who watches a training changes nothing of it, so it is no reason to train again.
    os.environ.update(TRACKING=",".join(config["tracking"]))
    if workflow.is_main_process:
        settings.check_paths(config, Path.cwd())
        gpu_plan.check(config)
        settings.check_tracking(config, conda=CONDA)
    if workflow.is_main_process and os.access(".", os.W_OK):
        if "--unlock" in sys.argv:
            locks.check_idle(Path.cwd())
            locks.forget(Path.cwd())
        else:
            locks.release_stale(Path.cwd(), locks.own(Path.cwd()))
except UserError as error:
    # One line: Snakemake would put a traceback behind its own error.
    sys.exit(from_root(f"error: {error}", ROOT))


def one_of(names):
    """A wildcard constraint: one of these names; nothing where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def environment(stack):
    """The conda environment of a stack, for the kind of device that models run on."""
    cuda = "-cuda" if config["device"] == "cuda" and stack != "base" else ""
    file = f"../../envs/{stack}{cuda}.yaml"
    if not {*"{}"} & {*str(ROOT)}:
        return file
    # Snakemake fills in what stands between braces, in the name of the project's folder, too.
    return str(ROOT / "workflow/rules" / file).replace("{", "{{").replace("}", "}}")


def hindrances():
    """Yield in a line each why a run would end before its first job: GPUs, builds for them, data that are to be had."""
    granted = workflow.global_resources.get("gpu")
    checks = [
        lambda: gpu_plan.check_granted(config, granted.value if granted else 0),
        lambda: settings.check_builds(config, conda=CONDA),
        lambda: settings.check_data(config, HERE),
    ]
    for check in checks:
        try:
            check()
        except UserError as error:
            yield from_root(str(error), ROOT)


def refuse_unready():
    """End a run that lacks what it needs, before its first job."""
    for hindrance in hindrances():
        raise WorkflowError(hindrance)


def foretell():
    """Say at the end of a dry run what a run would be refused for: the plan can be made without it."""
    for hindrance in hindrances() if workflow.dryrun else ():
        print(f"A run would end before its first job: {hindrance}", file=sys.stderr)


alone = []  # what holds this folder for this run, once its jobs begin


def run_alone():
    """End a run that began together with another one: Snakemake saw no lock then."""
    try:
        if workflow.execution_settings.lock:
            alone.append(locks.run_alone(HERE))
    except UserError as error:
        raise WorkflowError(str(error))


def tell_who_runs():
    """Say last whose run refuses this one: Snakemake's own words for it advise to unlock."""
    # Who plans, sums up or reports has no executor.
    if workflow.executor_plugin and not (alone or workflow.dryrun):
        try:
            locks.check_idle(HERE)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)


if workflow.is_main_process:
    atexit.register(foretell)
    atexit.register(tell_who_runs)


def refuse_unwritable():
    """End a run whose results cannot be written, before Snakemake fails on it job by job."""
    results = Path("results")
    for folder in [results, *results.glob("*/")]:
        if folder.is_dir() and not os.access(folder, os.W_OK):
            raise WorkflowError(
                f"{folder} cannot be written: Read-only file system, or no permission. Free it, or run elsewhere."
            )


def remove_leftovers():
    """Remove what killed jobs left under hidden names; a living one's part stays."""
    for folder in (Path("results"), *places.SHARED_WRITES):
        for path in files.remove_leftovers(folder):
            print(f"{path}: left by a job that was killed, removed.", file=sys.stderr)


include: "common/options.smk"
include: "common/study.smk"
include: "common/devices.smk"
include: "common/parameters.smk"
