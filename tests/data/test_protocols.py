"""docs/datasets.md: the protocols are configs, every benchmark has one, and every metric that it names is ours."""

import re
from copy import deepcopy
from pathlib import Path

import yaml
from interexter.data import layouts
from interexter.scoring import metrics
from interexter.study import settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/datasets.md").read_text()
SECTION = PAGE[PAGE.index("## Protocols") : PAGE.index("## Tables")]
COMMON, DATASETS = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL))
NOT_BENCHMARKS = {"plain", "instructrag", "conflicts"}  # the last has no counter-answers


def test_every_protocol_is_a_config() -> None:
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    for name, dataset in DATASETS["datasets"].items():
        resolved = settings.checked({**deepcopy(config), **deepcopy(COMMON), "datasets": {name: dataset}})
        assert resolved["datasets"][name]["test"] == "all"
        assert resolved["conditions"]["clean"]["kind"] == "benchmark"  # the control has the same counter-answer


def test_every_benchmark_has_one() -> None:
    assert {one["source"]["layout"] for one in DATASETS["datasets"].values()} == {*layouts.names()} - NOT_BENCHMARKS


def test_every_metric_that_the_table_names_is_computed() -> None:
    rows = [line.split("|")[4] for line in SECTION.splitlines() if line.startswith("| ")][1:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"clean"}
    assert named and named <= {*metrics.METRICS}


def test_the_table_of_layouts_says_what_the_layouts_say() -> None:
    for name in layouts.names():
        about = layouts.load(name).about
        assert f"| `{name}` | {about.title} | {about.source} | {about.licence} | {about.checked} |" in PAGE
