"""docs/injectors/*.md: a page for each injector, whose examples, counts and configs are as the code has them."""

import re
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from injector_pages import DOCS, LOSSES, Data, blocks, embedded, example, kinds, pages, ramdocs
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.injection import injectors
from interexter.injection.conditions import draw_name
from interexter.study import settings
from interexter.text.stance import COUNTER

ROOT = Path(__file__).parents[2]
SMOKE: dict[str, Any] = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
PAGES = pages()
BY_RULE = [name for name in PAGES if not injectors.written(kinds(name)[0])]
COUNTS: tuple[int | str, ...] = (1, "all")
SUPPORTING = ("keep", "replace", "remove", "drop")
COMBINATIONS: dict[str, set[tuple[int | str, str]]] = {
    "nothing": set(),
    **{f"`supporting: {one}`": {*product(COUNTS, [one])} for one in SUPPORTING},
    "`count: all`": {*product(["all"], SUPPORTING)},
    "`count: all` without `supporting: replace`": {*product(["all"], SUPPORTING)} - {("all", "replace")},
}


def study(pieces: Row) -> Row:
    """The smoke run with these conditions and grids, all of them asked about."""
    config = deepcopy(SMOKE)
    config |= {**pieces, "conditions": config["conditions"] | pieces["conditions"]}
    config["test"]["conditions"] = ["clean", "counter-replaced", *(pieces["conditions"].keys() - {"clean"})]
    config["test"]["conditions"] += pieces.get("grids", {})
    return settings.checked(config)


def test_every_injector_has_a_page_that_the_overview_leads_to() -> None:
    assert list(PAGES) == sorted({kind.partition(".")[0] for kind in injectors.names()})
    overview = (DOCS / "injectors.md").read_text()
    assert sorted(re.findall(r"\(injectors/([\w-]+)\.md\)", overview)) == list(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_of_a_page_are_what_the_injector_makes(name: str) -> None:
    """`PYTHONPATH=workflow/scripts python tests/injector_pages.py` renews a page that is out of date."""
    examples, _ = blocks(PAGES[name])
    assert {one["kind"] for one in examples} <= set(kinds(name)) and examples
    for told in examples:
        assert example(told) == told
        assert told["after"]
        stance = re.search(r"^\*\*Stance\*\* `(\w+)`\.", PAGES[name], re.MULTILINE)
        assert {passage["stance"] for passage in told["after"]} == {stance and stance[1]}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_each_setting_or_names_it(name: str) -> None:
    for kind in kinds(name):
        assert f"`{kind.rpartition('.')[2]}`" in PAGES[name]


def losses(name: str, title: str, data: Data) -> None:
    told = {f"| {title}, `{kind}` | {data.losses(kind)}" for kind in kinds(name)}
    table = PAGES[name].split(LOSSES)[1].split("\n\n")[0].splitlines()
    assert told == {line for line in table if line.startswith(f"| {title}")}


@pytest.mark.parametrize("name", BY_RULE)
def test_what_is_lost_of_the_embedded_data_is_what_a_page_says(name: str) -> None:
    losses(name, "embedded, every fourth of test", embedded())


@pytest.mark.parametrize("name", BY_RULE)
def test_what_is_lost_of_a_real_file_is_what_a_page_says(name: str) -> None:
    losses(name, "RAMDocs, first 200", ramdocs())


@pytest.mark.parametrize("name", PAGES)
def test_the_config_of_a_page_is_one_and_of_its_kind(name: str) -> None:
    _, [pieces] = blocks(PAGES[name])
    resolved = study(pieces)
    added = resolved["conditions"].keys() - SMOKE["conditions"].keys()
    assert added and {resolved["conditions"][one]["kind"] for one in added} <= set(kinds(name))


@pytest.mark.parametrize("name", PAGES)
def test_a_condition_that_states_a_counter_answer_has_a_control_about_the_same(name: str) -> None:
    """Each kind draws its own, and `clean` is of the default kind."""
    examples, [pieces] = blocks(PAGES[name])
    stated = any(passage["stance"] == COUNTER for told in examples for passage in told["after"])
    conditions = study(pieces)["conditions"]
    for added in conditions.keys() - SMOKE["conditions"].keys():
        control = conditions[conditions[added]["control"]]
        assert control["count"] == 0 and (draw_name(control) == draw_name(conditions[added]) or not stated), added


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_says_to_be_refused_is_and_nothing_else(name: str) -> None:
    [said] = re.findall(r"^\*\*Refused\*\* with it: (.*?)\. ", PAGES[name], re.MULTILINE)
    refused = set()
    for count, supporting in product(COUNTS, SUPPORTING):
        try:
            study({"conditions": {"tried": {"kind": kinds(name)[0], "count": count, "supporting": supporting}}})
        except UserError:
            refused.add((count, supporting))
    assert {one for words in said.split(", ") for one in COMBINATIONS[words]} == refused
