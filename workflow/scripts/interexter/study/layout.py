"""Where a study's files lie below its results: names that programs of the whole study derive from the config.

A study has thousands of files, too many for a command line. Rules name the files of one job in full; programs
that read those of all jobs find them here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..answers import methods
from ..answers.schemas import gated_name
from ..data.schemas import SPLITS
from ..engine import published_prompts
from ..injection.conditions import RULES, writer_of
from ..models import endpoints

Config = Mapping[str, Any]
Seed = int | str  # a number, or Snakemake's wildcard

WITH_VECTORS = ("dense", "hybrid")  # methods of retrieval
COSTS = ".costs.json"  # what a file of costs ends in
BASE = "base"  # the checkpoint that was not trained
_FORGETFUL = {"documents", "vanilla-rag", "instructrag"}  # prompts of checkpoints that show no internal document


def answering(config: Config) -> list[str]:
    """Return the names of the checkpoints that are asked here: the base model, then one for each recipe."""
    return [BASE, *config["recipes"]]


def checkpoints(config: Config) -> list[str]:
    """Return the names of all checkpoints that have answers: those that are asked, then the systems that were."""
    return [*answering(config), *systems(config)]


def systems(config: Config) -> dict[str, Any]:
    """Return the other systems whose answers were given, by name; the config of an earlier run has no such key."""
    return dict(config.get("answers", {}))


def methods_of(config: Config, checkpoint: str) -> list[str]:
    """Return the methods that a checkpoint answers with; a trained one also has its own closed-book pass.

    Another system has one, under a name of the user's; it may be none of ours.
    """
    if checkpoint == BASE:
        return list(config["methods"])
    if (given := systems(config).get(checkpoint)) is not None:
        return [given.get("method", checkpoint)]
    recipe = config["recipes"][checkpoint]
    return [recipe["method"], *recipe["asked"], "closed-book"]


def gated_methods(config: Config, checkpoint: str) -> list[str]:
    """Return the methods of a checkpoint whose answers the plausibility gate judges."""
    return [name for name in methods_of(config, checkpoint) if name in config["plausibility_gate"]["methods"]]


def labelled_methods(config: Config, checkpoint: str) -> dict[str, str]:
    """Return the names under which answers of a checkpoint are labelled, each with the method that was asked.

    They are its methods, and of those that are gated one more for each quantile.
    """
    found = {name: name for name in methods_of(config, checkpoint)}
    quantiles = config["plausibility_gate"]["quantiles"]
    gated = gated_methods(config, checkpoint)
    return {**found, **{gated_name(method, quantile): method for method in gated for quantile in quantiles}}


def of_servers(config: Config) -> list[str]:
    """Return the models that a server answers for: there are no weights of theirs here."""
    return [name for name, source in config["models"].items() if source["kind"] == endpoints.KIND]


def shards(config: Config) -> list[str]:
    """Return what the names of a checkpoint's shards end in: of a single one, nothing."""
    n = config["generate"]["shards"]
    return [f".{i}-of-{n}" for i in range(1, n + 1)] if n > 1 else [""]


def runs(config: Config) -> Iterator[tuple[str, str]]:
    """Yield the pairs of data set and model."""
    for dataset in config["datasets"]:
        for model in config["models"]:
            yield dataset, model


def seeded_runs(config: Config) -> Iterator[tuple[str, int, str]]:
    """Yield data set, seed and model of all runs."""
    for dataset, model in runs(config):
        for seed in config["seeds"]:
            yield dataset, seed, model


def trained(config: Config) -> list[str]:
    """Return the recipes that are trained."""
    return [name for name, recipe in config["recipes"].items() if "weights" not in recipe]


def taken(config: Config) -> list[str]:
    """Return the recipes whose weights are there already."""
    return [name for name, recipe in config["recipes"].items() if "weights" in recipe]


def asks_memory_of_training(config: Config) -> bool:
    """Tell whether anything of a study takes what models remember of training questions, which are many.

    It is the internal document that rationales of style interexter weigh, that some methods show, and that evidence
    states are about; and the closed-book answer that a condition of the training contradicts.
    """
    trained_on = [config["recipes"][name] for name in trained(config)]
    return (
        bool(config["rationales"]["styles"].get("interexter"))
        or any(recipe["mixture"]["states"] for recipe in trained_on)
        or any(not _FORGETFUL.issuperset(methods.load(recipe["method"]).TEMPLATES) for recipe in trained_on)
        or any(condition["counter_to"] == "memory" for condition in conditions_of(config, "train").values())
    )


def asked_methods(config: Config) -> set[str]:
    """Return all methods that are asked in a study, of the base model and of checkpoints."""
    return {method for name in answering(config) for method in methods_of(config, name)}


def prompt_set_name(config: Config, dataset: str, method: str) -> str:
    """Return the name of a method's prompt set on a data set."""
    name: str = config["prompt_sets"].get(method, config["datasets"][dataset]["prompt_set"])
    return name


def written_rationales(config: Config) -> list[str]:
    """Return the sources of rationales that a model writes and something of the study takes, and its own."""
    wanted = {config["demonstrations"]["source"], *methods.sources(asked_methods(config))}
    wanted |= {config["recipes"][name]["rationales"] for name in trained(config)}
    return ["self", *sorted(wanted & {"without-answers", "without-documents"})]


def examples_ending(config: Config) -> str:
    """Return what names of examples end in: those that a model of inference let pass, where the config has one."""
    return ".entailed.parquet" if config["gates"].get("nli") else ".parquet"


def of_seed(results: Path, stage: str, dataset: str, seed: Seed) -> Path:
    """Return the folder of what a stage makes for a data set with a seed."""
    return results / stage / dataset / f"seed-{seed}"


def examples(results: Path, config: Config, dataset: str, seed: Seed, split: str) -> Path:
    """Return the examples of all conditions of a split."""
    return of_seed(results, "examples", dataset, seed) / f"{split}{examples_ending(config)}"


def evidence(results: Path, dataset: str, seed: Seed, model: str, split: str) -> Path:
    """Return the evidence of all conditions of a split."""
    return of_seed(results, "evidence", dataset, seed) / model / f"{split}.parquet"


def recall(results: Path, dataset: str, model: str) -> Path:
    """Return what a model knows without passages."""
    return results / "recall" / dataset / f"{model}.parquet"


def rationales(results: Path, dataset: str, seed: Seed, model: str, source: str) -> Path:
    """Return the accepted rationales of a source."""
    return of_seed(results, "rationales", dataset, seed) / model / f"{source}.parquet"


def answers(results: Path, config: Config, dataset: str, seed: Seed, model: str, checkpoint: str) -> list[Path]:
    """Return the answers of a checkpoint, a file for each shard; those of another system are one."""
    folder = of_seed(results, "answers", dataset, seed) / model
    parts = shards(config) if checkpoint in answering(config) else [""]
    return [folder / f"{checkpoint}{shard}.parquet" for shard in parts]


def prompts(results: Path, config: Config, dataset: str, seed: Seed, model: str, checkpoint: str) -> dict[Path, Path]:
    """Return the prompts that are kept beside the answers of a checkpoint, by the file of these; {} where none are.

    Another system was asked elsewhere, and the config of an earlier run has no such key.
    """
    if not config["generate"].get("keep_prompts") or checkpoint not in answering(config):
        return {}
    tables = answers(results, config, dataset, seed, model, checkpoint)
    return {table: beside(table, ".prompts.parquet") for table in tables}


def questions_for(results: Path, dataset: str, seed: Seed, model: str, method: str) -> Path:
    """Return what another system needs to answer the prompts of a method."""
    return of_seed(results, "questions", dataset, seed) / model / f"{method}.jsonl"


def gated(results: Path, config: Config, dataset: str, seed: Seed, model: str, checkpoint: str) -> list[Path]:
    """Return the answers of a checkpoint that went through the plausibility gate, in one file; none where none did."""
    asked = gated_methods(config, checkpoint)
    return [of_seed(results, "gated", dataset, seed) / model / f"{checkpoint}.parquet"] if asked else []


def labels(results: Path, dataset: str, seed: Seed, model: str, checkpoint: str) -> Path:
    """Return the labels of a checkpoint's answers."""
    return of_seed(results, "labels", dataset, seed) / model / f"{checkpoint}.parquet"


def metrics(results: Path, dataset: str, model: str) -> Path:
    """Return the metrics of a model on a data set."""
    return results / "metrics" / dataset / f"{model}.parquet"


def comparisons(results: Path, dataset: str, model: str) -> Path:
    """Return the comparisons of a model on a data set, before they are corrected over the study."""
    return results / "metrics" / dataset / f"{model}.comparisons.parquet"


def citations(results: Path, dataset: str, seed: Seed, model: str) -> Path:
    """Return the scores of citations of a model on a data set."""
    return of_seed(results, "citations", dataset, seed) / f"{model}.parquet"


def checkpoint(results: Path, config: Config, dataset: str, seed: Seed, model: str, recipe: str, ending: str) -> Path:
    """Return a file beside a checkpoint's weights, such as its `.manifest.json`; weights taken have no seed."""
    if recipe == BASE:
        return results / "models" / f"{model}{ending}"
    is_taken = recipe in taken(config)
    folder = results / "taken" / dataset if is_taken else of_seed(results, "checkpoints", dataset, seed)
    return folder / model / f"{recipe}{ending}"


def beside(path: Path, ending: str) -> Path:
    """Return the file beside a table that has another ending, such as `.rejected.parquet` or `.costs.json`."""
    return path.with_name(path.name.removesuffix(".parquet") + ending)


def vectors(results: Path, config: Config, dataset: str) -> list[Path]:
    """Return the vectors that the retrieval of a data set needs: of the questions, then the corpus; none for BM25."""
    how = config["datasets"][dataset]["retrieval"]
    if how["method"] not in WITH_VECTORS:
        return []
    folder = results / "embeddings" / dataset
    return [
        *(folder / f"{split}.npy" for split in SPLITS),
        *(folder / f"corpus-{part}.faiss" for part in range(how["shards"])),
    ]


def conditions_of(config: Config, split: str) -> dict[str, Any]:
    """Return the conditions of a split as the injection takes them, sorted: another order is no other study."""
    return {
        name: {key: value for key, value in config["conditions"][name].items() if key != "control"}
        for name in sorted(config[split]["conditions"])
    }


def controls(config: Config) -> dict[str, str]:
    """Return the condition that each condition of the test is compared with."""
    return {name: config["conditions"][name]["control"] for name in config["test"]["conditions"]}


def candidates(results: Path, dataset: str, seed: Seed, split: str, model: str) -> Path:
    """Return the possible counter-answers of a split's questions, with how likely a model finds each."""
    return of_seed(results, "candidates", dataset, seed) / model / f"{split}.parquet"


def weighing_models(config: Config, split: str) -> list[str]:
    """Return the models that say which counter-answers of a split are plausible."""
    wanted = conditions_of(config, split).values()
    return sorted({one["model"] for one in wanted if one["counter_answer"] == "plausible"})


def all_candidates(results: Path, config: Config) -> list[Path]:
    """Return the candidates of all splits, seeds and models of a study."""
    return [
        candidates(results, dataset, seed, split, model)
        for dataset in config["datasets"]
        for seed in config["seeds"]
        for split in SPLITS
        for model in weighing_models(config, split)
    ]


def counters(results: Path, config: Config, dataset: str, seed: Seed, split: str) -> list[Path]:
    """Return the counter-passages of a split: those made by rule, where there are any, and those that models write."""
    names = sorted({writer_of(condition) for condition in conditions_of(config, split).values()})
    return [of_seed(results, "counters", dataset, seed) / split / f"{name}.parquet" for name in names]


def published_prompt_files(results: Path, config: Config, dataset: str) -> list[Path]:
    """Return the files of the published prompt sets that are used with a data set."""
    of_methods = (prompt_set_name(config, dataset, method) for method in asked_methods(config))
    used = {config["datasets"][dataset]["prompt_set"], *of_methods}
    return [results / "prompts" / name / f"{dataset}.json" for name in sorted(used & set(published_prompts.SETS))]


def prompt_set(results: Path, config: Config, dataset: str, method: str) -> str:
    """Return the prompt set of a method, as `published_prompts.open_prompts` takes it: a name, or a file."""
    name = prompt_set_name(config, dataset, method)
    published = results / "prompts" / name / f"{dataset}.json"
    return str(published) if name in published_prompts.SETS else name


class CostFile(NamedTuple):
    """A file in which a job wrote what it cost, and whose costs they are."""

    path: Path
    dataset: str
    model: str
    checkpoint: str
    stage: str


def cost_files(results: Path, config: Config) -> Iterator[CostFile]:
    """Yield the cost files of a study."""
    for dataset in config["datasets"]:
        for seed in config["seeds"]:
            for split in SPLITS:
                for path in counters(results, config, dataset, seed, split):
                    if path.stem != RULES:  # written by a model
                        yield CostFile(beside(path, COSTS), dataset, path.stem, BASE, f"counters ({split})")
                for model in weighing_models(config, split):
                    path = candidates(results, dataset, seed, split, model)
                    yield CostFile(beside(path, COSTS), dataset, model, BASE, f"candidates ({split})")
    for dataset, model in runs(config):
        yield CostFile(beside(recall(results, dataset, model), COSTS), dataset, model, BASE, "recall")
    for run in seeded_runs(config):
        dataset, _, model = run
        for source in written_rationales(config):
            yield CostFile(beside(rationales(results, *run, source), COSTS), dataset, model, BASE, "rationales")
        for recipe in trained(config):
            yield CostFile(checkpoint(results, config, *run, recipe, COSTS), dataset, model, recipe, "finetune")
        for name in answering(config):
            for path in answers(results, config, *run, name):
                yield CostFile(beside(path, COSTS), dataset, model, name, "generate")
            for path in gated(results, config, *run, name):
                yield CostFile(beside(path, COSTS), dataset, model, name, "gate")


def files(results: Path, config: Config) -> list[Path]:
    """Return a file of every job of a study, in the order of the chain."""
    found = [results / "config.json"]
    found += [results / "conditions" / f"{split}.json" for split in SPLITS]
    found += [results / "models" / f"{model}.manifest.json" for model in config["models"]]
    for dataset in config["datasets"]:
        found.append(results / "data" / dataset / "card.json")
        found += [*vectors(results, config, dataset), *published_prompt_files(results, config, dataset)]
        for split in SPLITS:
            found += [
                results / "data" / dataset / f"{split}.parquet",
                results / "retrieved" / dataset / f"{split}.parquet",
            ]
            for seed in config["seeds"]:
                found += counters(results, config, dataset, seed, split)
                found.append(of_seed(results, "examples", dataset, seed) / f"{split}.parquet")
                found.append(examples(results, config, dataset, seed, split))
    found += [recall(results, *run) for run in runs(config)]
    found += all_candidates(results, config)
    for run in seeded_runs(config):
        dataset, seed, model = run
        found += [evidence(results, *run, split) for split in SPLITS]
        sources = {*written_rationales(config), *(config["recipes"][name]["rationales"] for name in trained(config))}
        source = config["demonstrations"]["source"]
        sources |= set() if source == "shipped" else {source}
        found += [rationales(results, *run, name) for name in sorted(sources)]
        found.append(of_seed(results, "demonstrations", dataset, seed) / f"{model}.json")
        training = of_seed(results, "training", dataset, seed) / model
        found += [training / f"{recipe}.parquet" for recipe in trained(config)]
        found += [checkpoint(results, config, *run, recipe, ".manifest.json") for recipe in config["recipes"]]
        for name in checkpoints(config):
            found += [*answers(results, config, *run, name), *gated(results, config, *run, name)]
            found.append(labels(results, *run, name))
        if dataset in config["citations"]["datasets"]:
            found.append(citations(results, *run))
    for one in runs(config):
        found += [metrics(results, *one), comparisons(results, *one)]
    report = results / "report"
    found += [report / name for name in ("metrics.csv", "metrics.parquet", "comparisons.parquet", "costs.parquet")]
    found += [report / name for name in ("manifest.json", "index.html")]
    return list(dict.fromkeys(found))
