# Reads and checks the config; what its files hold, every rule may use.
import os
import re
import sys
from functools import cache
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError

# The workflow's own place: a run may have another working directory, and another workflow may use this one as a module.
ROOT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from interexter.answers import methods
from interexter.answers.rationales import ONE_STYLE
from interexter.answers.rationales import TEMPLATES as RATIONALE_TEMPLATES
from interexter.core.errors import UserError
from interexter.core.identity import canonical_json, content_id
from interexter.engine import published_prompts
from interexter.injection import injectors
from interexter.scoring import published_numbers
from interexter.study import interpreter, layout, locks, places, settings
from interexter.study.fingerprint import fingerprint

interpreter.export(SCRIPTS)
try:
    config = places.located(settings.checked(config), ROOT)
    if workflow.is_main_process and os.access(".", os.W_OK):
        if "--unlock" in sys.argv:
            locks.forget(Path.cwd())
        else:
            locks.own(Path.cwd())
            locks.release_stale(Path.cwd())
except UserError as error:
    raise WorkflowError(str(error))


def one_of(names):
    """A wildcard constraint: one of these names; nothing where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def environment(stack):
    """The conda environment of a stack, for the kind of device that models run on."""
    return f"../../envs/{stack}{'-cuda' if config['device'] == 'cuda' else ''}.yaml"


def refuse_unwritable():
    """End a run whose results cannot be written, before Snakemake fails on it job by job."""
    results = Path("results")
    for folder in [results, *results.glob("*/")]:
        if folder.is_dir() and not os.access(folder, os.W_OK):
            raise WorkflowError(
                f"{folder} cannot be written: Read-only file system, or no permission. Free it, or run elsewhere."
            )


include: "common/options.smk"
include: "common/study.smk"
include: "common/devices.smk"
include: "common/parameters.smk"
