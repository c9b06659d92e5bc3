"""docs/datasets.md: the protocols are configs, every benchmark has one, and every metric that it names is ours."""

import importlib
import json
import re
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from data_sets import real, write_lines
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.core.tables import read_rows
from interexter.data import layouts, preparation
from interexter.injection.compose import EXAMPLES
from interexter.scoring import metrics
from interexter.study import layout, settings

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


# A real file of each benchmark, and how many questions the page's conditions leave: clean, only-counter, as-shipped.
REAL = {
    "ramdocs": ("ramdocs-first200.jsonl", 200, 101, 101),
    "conflictqa": ("conflictqa-strategyqa-llama2-7b.jsonl", 675, 675, 675),
    "dynamicqa": ("dynamicqa-temporal-first120.csv", 120, 78, 78),
    "coconflictqa": ("coconflictqa-squad-first80.jsonl", 80, 43, 43),
    "kre": ("kre-cose-first80.json", 80, 73, 73),
    "rgb": ("rgb-en-fact-first100.json", 100, 95, 89),
    "qacc": ("qacc-first100.json", 100, 9, 9),
    "poisonedrag": ("poisonedrag-nq.json", 100, 98, 95),
}


def program(name: str, **options: object) -> None:
    """Run a program of the workflow, with the options that its rule gives it."""
    words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"{name}.py", *words])
        importlib.import_module(name).main()


@pytest.mark.parametrize("name", REAL)
def test_every_protocol_is_composed_from_the_real_file_by_the_programs(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, *left = REAL[name]
    dataset = deepcopy(DATASETS["datasets"][name])
    dataset["source"]["path"] = str(real(file))
    if "corpus" in dataset["source"]:
        lines = real("ramdocs-first200.jsonl").read_text().splitlines()
        texts = [{"text": document["text"]} for line in lines for document in json.loads(line)["documents"]]
        dataset["source"]["corpus"] = str(write_lines(tmp_path / "corpus.jsonl", texts))
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config = settings.checked({**config, **deepcopy(COMMON), "datasets": {name: dataset}})
    dataset = config["datasets"][name]
    write_json(tmp_path / "conditions.json", layout.conditions_of(config, "test"))
    tables = {key: tmp_path / f"{key}.parquet" for key in preparation.Paths._fields}
    places = {"demonstrations": tmp_path / "demonstrations.json", "card": tmp_path / "card.json"}
    program("prepare_dataset", dataset=name, source=json.dumps(dataset["source"]), **tables, **places)
    splits = {"train": tmp_path / "train.parquet", "test": tmp_path / "test.parquet"}
    sizes = {"train_size": 0, "test_size": dataset["test"], "seed": 0, "rejected": tmp_path / "left.parquet"}
    program("sample", questions=tables["questions"], **splits, **sizes)
    found = {f"{split}_out": tmp_path / f"{split}.found.parquet" for split in splits}
    recalls = {f"{split}_recall": tmp_path / f"{split}.json" for split in splits}
    shipped = {"corpus": tables["corpus"], "shipped": tables["passages"]}
    program("retrieve", **splits, **found, **recalls, **shipped, method="auto", depth=dataset["depth"])
    asked = {"questions": splits["test"], "all_questions": tables["questions"], "retrieved": found["test_out"]}
    asked |= {"conditions": tmp_path / "conditions.json", "seed": 0}
    rules, out = tmp_path / "rules.parquet", tmp_path / "examples.parquet"
    program("counters", **asked, shipped=tables["counters"], out=rules, rejected=tmp_path / "counters.rejected.parquet")
    shown = {"split": "test", "passages": dataset["passages"], "order": config["order"]}
    program("inject", **asked, **shown, counters=rules, out=out, rejected=tmp_path / "examples.rejected.parquet")
    kept = {condition: int(n) for condition, n in re.findall(r"inject: (\S+): n_out=(\d+)", capsys.readouterr().out)}
    assert [kept[condition] for condition in COMMON["test"]["conditions"]] == left
    stances: dict[str, Counter[str]] = {condition: Counter() for condition in kept}
    for row in read_rows(out, EXAMPLES):
        stances[row["condition"]].update(passage["stance"] for passage in row["passages"])
    assert (stances["only-counter"]["counter"], stances["only-counter"]["supporting"]) == (left[1], 0)
    if name == "ramdocs":
        assert stances["as-shipped"] == {"supporting": 262, "irrelevant": 107, "counter": 117}
        # The most that a question has here is 10: `passages: 20` is a bound, since all are shown
        mixed = json.loads((tmp_path / "conditions.json").read_text())
        write_json(tmp_path / "conditions.json", {"clean": mixed["clean"]})
        said = r"datasets\.ramdocs\.passages: 20 are to be shown, and no question has more than 10\. Lower it"
        with pytest.raises(UserError, match=said):
            program("inject", **asked, **shown, counters=rules, out=out, rejected=tmp_path / "again.parquet")
