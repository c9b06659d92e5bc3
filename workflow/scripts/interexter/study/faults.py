"""What a schema cannot say of a config: names that must exist elsewhere, and settings that do not go together.

A function for each part of the config; each yields its faults, every one with its key, what is wrong and what would
be right.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

from ..answers import methods, rationales, recall
from ..core.errors import UserError, nearest
from ..data import sources as data_sources
from ..engine import prompts, published_prompts
from ..injection import injectors
from ..injection.conditions import needs_model
from ..models import endpoints, source_keys
from . import layout, rehearsal

Config = dict[str, Any]


def faults(config: Config) -> Iterator[str]:
    """Yield the faults of a config that fits the schema."""
    yield from _used_conditions(config)
    yield from _train_conditions(config)
    for name, condition in config["conditions"].items():
        yield from _condition_faults(f"conditions.{name}", condition, config["models"])
        if (control := condition.get("control")) is not None and control not in config["test"]["conditions"]:
            yield f"conditions.{name}.control: {control!r} is not among test.conditions"
    yield from _method_faults(config)
    for name, model in config["models"].items():
        yield from _source_faults(f"models.{name}", model)
    yield from _endpoint_faults(config)
    for name, recipe in config["recipes"].items():
        yield from _recipe_faults(f"recipes.{name}", recipe, config)
    yield from _answer_faults(config)
    yield from _engine_faults(config)
    yield from _prompt_faults(config)
    yield from _citation_faults(config)
    yield from _confidence_faults(config)
    yield from _gate_faults(config)
    yield from _report_faults(config)
    yield from _comparison_faults(config)
    for name, dataset in config["datasets"].items():
        yield from _dataset_faults(name, dataset)


def _used_conditions(config: Config) -> Iterator[str]:
    """Yield conditions that are named somewhere and are none."""
    conditions = config["conditions"]
    report = {key: config["report"][key] for key in ("control", "strongest")}
    used: dict[str, Iterable[str]] = {
        "train.conditions": config["train"]["conditions"],
        "test.conditions": config["test"]["conditions"],
        **{f"report.{key}": [name] for key, name in report.items()},
    }
    for key, names in used.items():
        for name in names:
            if name not in conditions:
                yield f"{key}: condition {name!r} is unknown; {nearest(name, conditions)}"
    for key, name in report.items():
        if name and name not in config["test"]["conditions"]:
            yield f"report.{key}: condition {name!r} is not among test.conditions"


def _train_conditions(config: Config) -> Iterator[str]:
    """Yield conditions that rationales or mixtures take from training and that are not among its own."""
    train = config["train"]["conditions"]
    drawn = {f"rationales.styles.{style}": names for style, names in config["rationales"]["styles"].items()}
    drawn |= {
        f"recipes.{name}.mixture.conditions": list(recipe["mixture"]["conditions"])
        for name, recipe in config["recipes"].items()
        if "mixture" in recipe
    }
    for key, names in drawn.items():
        for name in names:
            if name not in train:
                yield f"{key}: condition {name!r} is not among train.conditions; {nearest(name, train)}"


def _method_faults(config: Config) -> Iterator[str]:
    """Yield methods that do not exist, or that the checkpoint that is asked cannot answer with."""
    served = [("methods", name, False) for name in config["methods"]]
    served += [(f"recipes.{name}.method", recipe["method"], True) for name, recipe in config["recipes"].items()]
    for key, name, trained in served:
        if name not in methods.names():
            yield f"{key}: method {name!r} is unknown; {nearest(name, methods.names())}"
        elif trained and not methods.load(name).TARGET:
            yield f"{key}: method {name!r} is for the base model"
        elif not trained and methods.load(name).TARGET:
            yield f"{key}: method {name!r} needs a trained checkpoint: name it in a recipe"


def _engine_faults(config: Config) -> Iterator[str]:
    """Yield models that there are not, and caps that leave no room for a prompt."""
    caps = {
        "recall.answer_tokens": config["recall"]["answer_tokens"],
        "recall.document_tokens": config["recall"]["document_tokens"],
        "rationales.max_tokens": config["rationales"]["max_tokens"],
        "generate.answer_tokens": config["generate"]["answer_tokens"],
        "generate.rationale_tokens": config["generate"]["rationale_tokens"],
        "counters.passage_tokens": config["counters"]["passage_tokens"],
    }
    room = config["engine"]["max_model_len"]
    for key, cap in caps.items():
        if cap >= room:
            yield f"{key}: {cap} tokens leave none for the prompt, since engine.max_model_len is {room}"
    for name in config["engine"]["tensor_parallel"]:
        if name not in config["models"]:
            yield f"engine.tensor_parallel: model {name!r} is unknown; {nearest(name, config['models'])}"


def _citation_faults(config: Config) -> Iterator[str]:
    for name in config["citations"]["datasets"]:
        if name not in config["datasets"]:
            yield f"citations.datasets: {name!r} is no data set; {nearest(name, config['datasets'])}"
    if config["citations"]["datasets"] and not config["citations"]["model"]:
        yield "citations.model: name a model of natural language inference, a folder or a hub repository"


def _confidence_faults(config: Config) -> Iterator[str]:
    """Yield methods that compare probabilities which the engine is not to keep."""
    asked = {method for name in layout.checkpoints(config) for method in layout.methods_of(config, name)}
    for method in sorted(asked & set(methods.names())):
        if methods.needs_confidence(method) and not config["engine"]["confidence"]:
            yield f"engine.confidence: method {method!r} compares how sure the engine was; set it to true"


def _gate_faults(config: Config) -> Iterator[str]:
    """Yield methods that are to be gated and that no checkpoint answers with."""
    asked = {method for name in layout.checkpoints(config) for method in layout.methods_of(config, name)}
    for method in config["plausibility_gate"]["methods"]:
        if method not in asked:
            yield f"plausibility_gate.methods: {method!r} is not asked in this study; {nearest(method, asked)}"
    if "closed-book" in config["plausibility_gate"]["methods"]:
        yield "plausibility_gate.methods: closed-book is what the gate falls back on; leave it out"


def _report_faults(config: Config) -> Iterator[str]:
    if config["report"]["reference"] not in config["methods"]:
        yield f"report.reference: method {config['report']['reference']!r} is not among methods"


def _comparison_faults(config: Config) -> Iterator[str]:
    """Yield named comparisons of series that the study does not have, or that compare nothing."""
    before: list[Config] = []
    for role, members in config["comparisons"].items():
        for number, named in enumerate(members, 1):
            key = f"comparisons.{role}, number {number}"
            sides = {name: {"checkpoint": layout.BASE, "condition": named["condition"], **named[name]} for name in "ab"}
            for name, side in sides.items():
                yield from _side_faults(f"{key}, {name}", side, config)
            if ("model" in sides["a"]) != ("model" in sides["b"]):
                yield f"{key}: one side names a model and the other does not; name one on both, or on none"
            if sides["a"] == sides["b"]:
                yield f"{key}: both sides are the same series"
            control = config["report"]["control"]
            if named["metric"] == "clean_tax" and {side["condition"] for side in sides.values()} != {control}:
                yield f"{key}: the clean tax is of the control; write condition: {control}"
            if (one := {"metric": named["metric"], **sides}) in before:
                yield f"{key}: the same comparison is named twice"
            before.append(one)


def _side_faults(key: str, side: Config, config: Config) -> Iterator[str]:
    """Yield what of one side of a comparison is not in the study."""
    known = {"checkpoint": layout.checkpoints(config), "condition": config["test"]["conditions"]}
    if "model" in side:
        known["model"] = list(config["models"])
    if side["checkpoint"] in known["checkpoint"]:
        known["method"] = list(layout.labelled_methods(config, side["checkpoint"]))
    for name, names in known.items():
        if side[name] not in names:
            of = f" of checkpoint {side['checkpoint']!r}" if name == "method" else ""
            yield f"{key}: {name} {side[name]!r}{of} is not in this study; {nearest(side[name], names)}"


def _dataset_faults(name: str, dataset: Config) -> Iterator[str]:
    """Yield what a data set cannot give, or needs beside."""
    if dataset["depth"] < dataset["passages"]:
        yield f"datasets.{name}.depth: {dataset['depth']} is less than passages ({dataset['passages']})"
    try:
        data_sources.check(dataset["source"], name)
    except UserError as error:
        yield str(error)
    if dataset["retrieval"]["method"] in layout.WITH_VECTORS and "model" not in dataset["retrieval"]:
        yield f"datasets.{name}.retrieval: method {dataset['retrieval']['method']} needs a model"


def _source_faults(key: str, source: Config) -> Iterator[str]:
    """Yield what is wrong with where a model comes from."""
    try:
        source_keys.check_source(source)
    except UserError as error:
        yield f"{key}: {error}"


def _endpoint_faults(config: Config) -> Iterator[str]:
    """Yield what is asked of a model of a server that none can give: it has no weights, token ids or logits here."""
    for name in layout.of_servers(config):
        if config["recipes"]:
            yield (
                f"models.{name}: a model of a server cannot be trained, and recipes are of every model. Write "
                "recipes: {}, or give it a study of its own (docs/endpoints.md)"
            )
        for method in filter(methods.names().__contains__, config["methods"]):
            if methods.needs_logits(method):
                yield f"methods: {method!r} reads logits, which the server of models.{name} does not give; leave it out"
        for key, condition in config["conditions"].items():
            if condition["counter_answer"] == "plausible" and condition.get("model") == name:
                yield f"conditions.{key}.counter_answer: the server of models.{name} does not tell what it finds likely"
        if config["plausibility_gate"]["methods"]:
            yield f"plausibility_gate.methods: the server of models.{name} does not tell what it finds likely"
        if config["engine"]["confidence"]:
            yield f"engine.confidence: the server of models.{name} is not asked for probabilities; leave it false"
        if name in config["engine"]["tensor_parallel"]:
            yield f"engine.tensor_parallel: {name!r} is a model of a server, which decides on its own GPUs"


def _recipe_faults(key: str, recipe: Config, config: Config) -> Iterator[str]:
    """Yield what a recipe lacks, has twice, or cannot have."""
    if "weights" in recipe:
        yield from _weight_faults(key, recipe, config["datasets"])
    elif "mixture" not in recipe:
        yield f"{key}: a recipe needs a mixture to be trained on, or weights"
    if recipe["training"]["patience"] and not recipe["training"]["held_out"]:
        yield f"{key}.training.patience: it looks at the held-out rows; give held_out a share, or leave patience at 0"
    if (source := recipe["rationales"]) in rationales.ONE_STYLE and recipe["method"] == "interexter-ft":
        yield f"{key}.rationales: {source} has none of style interexter"
    for name in recipe["asked"]:
        if name not in methods.names():
            yield f"{key}.asked: method {name!r} is unknown; {nearest(name, methods.names())}"
        elif methods.load(name).TARGET or name == "closed-book":
            yield f"{key}.asked: {name!r} is no further method of the base model"


def _weight_faults(key: str, recipe: Config, datasets: Collection[str]) -> Iterator[str]:
    """Yield what weights that are there already lack, or what is left of a training."""
    if "mixture" in recipe:
        yield f"{key}: a recipe with weights is not trained; leave mixture out"
    for dataset in datasets:
        if dataset not in recipe["weights"]:
            yield f"{key}.weights: there are none for the data set {dataset!r}"
    for dataset, source in recipe["weights"].items():
        if source["kind"] == endpoints.KIND:
            yield f"{key}.weights.{dataset}: a server gives no weights; name it in models"
        yield from _source_faults(f"{key}.weights.{dataset}", source)


def _answer_faults(config: Config) -> Iterator[str]:
    """Yield names of other systems that are taken, and data sets that they have no answers to."""
    for name, given in config["answers"].items():
        if name in config["recipes"]:
            yield f"answers.{name}: a recipe has this name; choose another"
        for dataset in config["datasets"]:
            if dataset not in given["files"]:
                yield f"answers.{name}.files: there is none for the data set {dataset!r}"
        for dataset in given["files"]:
            if dataset not in config["datasets"]:
                yield f"answers.{name}.files: {dataset!r} is no data set; {nearest(dataset, config['datasets'])}"


def _prompt_faults(config: Config) -> Iterator[str]:
    """Yield prompt sets that do not exist, lack a prompt that is asked for, or name in one what nobody fills in."""
    of_recipes = (name for recipe in config["recipes"].values() for name in (recipe["method"], *recipe["asked"]))
    asked = {*config["methods"], *of_recipes, "closed-book"}
    asked &= set(methods.names())  # another fault names the others
    styles = config["rationales"]["styles"]
    general = {*recall.TEMPLATES, *(t for style in styles for t in rationales.templates(style))}
    used: list[tuple[str, str, set[str], Callable[[str], str]]] = []
    for dataset, settings in config["datasets"].items():
        own = settings["prompt_set"] != config["prompt_set"]
        where = f"datasets.{dataset}.prompt_set" if own else "prompt_set"
        used.append((where, settings["prompt_set"], general, partial(rehearsal.of_general, styles)))
        for method in sorted(asked):
            key = f"prompt_sets.{method}" if method in config["prompt_sets"] else where
            name = layout.prompt_set_name(config, dataset, method)
            used.append((key, name, {*methods.load(method).TEMPLATES}, partial(rehearsal.of_method, method)))
        yield from _worked_faults(dataset, settings, {settings["prompt_set"], *config["prompt_sets"].values()})
    for method in config["prompt_sets"].keys() - asked:
        yield f"prompt_sets.{method}: no such method is asked; {nearest(method, asked)}"
    sets = {p.name: {t.stem for t in p.glob("*.j2")} for p in prompts.FOLDER.iterdir() if p.is_dir()}
    sets |= {name: published_prompts.available(name) for name in published_prompts.SETS}
    for key, name, needed, rehearse in used:
        if name not in sets:
            yield f"{key}: prompt set {name!r} is unknown; {nearest(name, sets)}"
        elif lacking := sorted(needed - sets[name]):
            why = "" if not key.endswith("prompt_set") else " (choose another set for a method in prompt_sets)"
            yield f"{key}: prompt set {name!r} has no prompt {', '.join(lacking)}{why}"
        elif name not in published_prompts.SETS and (fault := rehearse(name)):
            yield f"{key}: {fault}"


def _worked_faults(dataset: str, settings: Config, used: Collection[str]) -> Iterator[str]:
    """Yield that worked examples are missing where a set shows them, or given where none does."""
    shown, key = published_prompts.WORKED in used, f"datasets.{dataset}.worked_examples"
    if shown and "worked_examples" not in settings:
        yield f"{key}: prompt set {published_prompts.WORKED!r} shows a worked example for each state; name their file"
    if not shown and "worked_examples" in settings:
        yield f"{key}: no prompt shows them; write prompt_set: {published_prompts.WORKED}, or leave them out"


def _condition_faults(key: str, condition: Config, models: Collection[str]) -> Iterator[str]:
    """Yield what cannot be in one condition together."""
    if condition["kind"] not in injectors.names():
        yield f"{key}.kind: injector {condition['kind']!r} is unknown; {nearest(condition['kind'], injectors.names())}"
        return
    kind, count, supporting = condition["kind"], condition["count"], condition["supporting"]
    if count == "all" and supporting != "replace" and not injectors.needs_shipped(kind):
        yield f"{key}.count: all needs supporting: replace, or kind: benchmark; elsewhere give a number"
    if supporting == "replace" and injectors.free(kind):
        yield f"{key}.supporting: passages of {kind!r} are made from no retrieved one, so they can replace none"
    if injectors.names_gold(kind) and (count == "all" or (supporting in ("remove", "drop") and count)):
        yield f"{key}: passages of {kind!r} name the gold answer, which this condition promises to leave out"
    if condition["sources"] != "all" and (count == "all" or condition["sources"] > count):
        yield f"{key}.sources: {condition['sources']} sources cannot tell {count} passages"
    if supporting == "replace" and condition["sources"] != "all":
        yield f"{key}.sources: replaced passages are their own sources; leave it out"
    if condition["counter_to"] == "memory" and supporting == "replace" and count != "all":
        yield f"{key}.count: with counter_to: memory, passages are replaced all or none; write count: all"
    if condition["counter_answer"] == "plausible" and injectors.chooses(kind):
        yield f"{key}.counter_answer: {kind!r} decides its counter-answers itself; leave it out"
    if needs_model(condition) and (model := str(condition.get("model", ""))) not in models:
        yield f"{key}.model: {model!r} is not among models; {nearest(model, models)}"
