"""The benchmark of planning compares with our own rules, emptied: all that is neither input nor output is gone."""

import re
from pathlib import Path

import pytest
from planning import emptied

RULES = sorted((Path(__file__).parents[2] / "workflow" / "rules").glob("*.smk"))


@pytest.mark.parametrize("path", [path for path in RULES if path.name != "common.smk"], ids=lambda path: path.stem)
def test_emptied_rules_keep_their_files_and_nothing_else(path: Path) -> None:
    full = path.read_text()
    bare = emptied(full)
    for kept in (r"^rule \w+:", r"^    input:", r"^    output:", r"^    wildcard_constraints:"):
        assert len(re.findall(kept, bare, re.MULTILINE)) == len(re.findall(kept, full, re.MULTILINE)), kept
    assert set(re.findall(r"^    (\w+):", bare, re.MULTILINE)) <= {
        *("input", "output", "wildcard_constraints", "localrule", "shell")
    }
    assert set(re.findall(r"^    shell:\n +(.*)", bare, re.MULTILINE)) == {'"touch {output}"'}
    assert not re.search(r"\{(params|resources|threads|log)\b", bare)
