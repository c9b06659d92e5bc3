"""Published prompt sets and the order of passages in the workflow: what is planned, without running it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Study

pytestmark = pytest.mark.slow

METHODS = "methods: [closed-book, vanilla-rag, interexter-icl"


@pytest.fixture
def plan(tmp_path: Path) -> Callable[[str], str]:
    """Plan the smoke run with more methods and more lines of config, and return every command of it."""
    study = Study(tmp_path / "project")
    (study.folder / "mine.json").write_text("{}")  # what is not there is refused

    def commands(lines: str) -> str:
        study.edit("config/smoke.yaml", f"{METHODS}]", f"{METHODS}, few-shot, cad]\n{lines}")
        done = study.snakemake("--dry-run", "--printshellcmds")
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return commands


def test_a_set_of_a_single_method_is_fetched_for_it_and_no_other(plan: Callable[[str], str]) -> None:
    said = plan("prompt_sets: { vanilla-rag: instructrag }\nprompt_files: { instructrag: mine.json }")
    assert said.count("$SCRIPTS/published_prompts.py") == 1
    assert "--name instructrag" in said
    assert "--local instructrag=mine.json" in said
    file = "results/prompts/instructrag/vital.json"
    assert f'"few-shot":"ours","interexter-icl":"ours","vanilla-rag":"{file}"' in said  # generate
    assert '"interexter-icl":"ours","vanilla-rag":"instructrag"' in said  # labels
    assert f"--prompt-set {file}" not in said  # neither recall nor rationales nor training


def test_a_set_for_everything_and_an_order(plan: Callable[[str], str]) -> None:
    said = plan("prompt_set: interexter\nprompt_sets: { cad: ours }\norder: lost-in-the-middle")
    assert said.count("$SCRIPTS/published_prompts.py") == 1
    assert "--local" not in said  # an option without a value would be an error
    assert "--note" not in said
    assert said.count("--prompt-set results/prompts/interexter/vital.json") == 3  # recall, rationales, training rows
    assert "--order best-first" not in said
    assert said.count("--order lost-in-the-middle") == 2 + 2  # examples of both splits, labels of both checkpoints


def test_ours_fetches_nothing(plan: Callable[[str], str]) -> None:
    said = plan("order: given")
    assert "published_prompts" not in said


def test_worked_examples_published_states_and_an_adapter(tmp_path: Path) -> None:
    study = Study(tmp_path / "project")
    (study.folder / "mine.json").write_text("{}")
    (study.folder / "adapter").mkdir()
    (study.folder / "adapter" / "adapter_config.json").write_text("{}")
    study.edit("config/smoke.yaml", "depth: 20 }", "depth: 20, worked_examples: mine.json }")
    chosen = (
        "prompt_set: interexter-worked\nprompt_files: { interexter-code: mine.json }\nevidence_states: as-published"
    )
    given = "  given: { method: interexter-ft, weights: { vital: { kind: local-adapter, path: adapter } } }"
    study.edit("config/smoke.yaml", "recipes:\n", f"{chosen}\n\nrecipes:\n{given}\n")
    done = study.snakemake("--dry-run", "--printshellcmds")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert said.count("--name interexter-worked") == 1
    assert "--local interexter-code=mine.json" in said and "--worked-examples mine.json" in said
    assert said.count("--states as-published") == 2  # train and test
    assert said.count("--base results/models/tiny.manifest.json") == 1  # the base itself has none
    assert re.search(r"rule take_checkpoint:(?s:.*?)mem=16 GB", said)  # the least of a merge


def test_prompts_are_kept_beside_answers_where_that_is_wanted(tmp_path: Path) -> None:
    study = Study(tmp_path / "project")
    before = study.snakemake("--dry-run", "--printshellcmds")
    assert ".prompts.parquet" not in before.stdout + before.stderr
    study.edit("config/smoke.yaml", "rationale_tokens: 8 }", "rationale_tokens: 8, keep_prompts: true }")
    done = study.snakemake("--dry-run", "--printshellcmds")
    assert done.returncode == 0, done.stderr
    for checkpoint in ("base", "interexter-ft"):
        assert f"--prompts results/answers/vital/seed-0/tiny/{checkpoint}.prompts.parquet" in done.stdout + done.stderr
