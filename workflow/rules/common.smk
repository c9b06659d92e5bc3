# Reads the config, and holds the helpers that name files and parameters in the rules.
import gc
import json
import os
import re
import shlex
import sys
from functools import cache
from itertools import product
from pathlib import Path
from shlex import quote
from types import SimpleNamespace

from snakemake.exceptions import WorkflowError

# A plan is millions of objects that stay: the collector looked at them again and again, for a tenth of the time.
gc.set_threshold(100_000, 50, 100)

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
FIGURES = Path(workflow.basedir) / "workflow" / "data" / "published-numbers.csv"
sys.path.insert(0, str(SCRIPTS))

from interexter import (
    injectors,
    interpreter,
    locks,
    methods,
    published,
    published_numbers,
    settings,
)
from interexter.errors import UserError
from interexter.fingerprint import fingerprint
from interexter.identity import canonical_json, content_id
from interexter.rationales import ONE_STYLE
from interexter.rationales import TEMPLATES as RATIONALE_TEMPLATES

interpreter.put_first()
try:
    config = settings.checked(config)
    if workflow.is_main_process and os.access(".", os.W_OK):
        if "--unlock" in sys.argv:
            locks.forget(Path.cwd())
        else:
            locks.own(Path.cwd())
            locks.release_stale(Path.cwd())
except UserError as error:
    raise WorkflowError(str(error))


def one_of(names):
    """A wildcard constraint: one of these names; nothing where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


@cache  # it is asked for by every job
def code(*scripts):
    """The fingerprint of a script and of the modules of ours that it imports."""
    return fingerprint(*(SCRIPTS / script for script in scripts))


def method_file(method):
    """The module of a method, which is loaded by name."""
    return f"interexter/methods/{method.replace('-', '_')}.py"


def checkpoint_code(script):
    """As `code`, and the modules of all methods that the checkpoint answers with."""
    return lambda wildcards: code(
        script, *map(method_file, methods_of(wildcards.checkpoint))
    )


def environment(stack):
    """The conda environment of a stack, for the kind of device that models run on."""
    return f"../../envs/{stack}{'-cuda' if config['device'] == 'cuda' else ''}.yaml"


@cache
def pins(stack, *packages):
    """The pins of packages that can change what a job writes, in .venv or in the stack's CUDA build."""
    file = "requirements.lock"  # the environments of CPUs agree with it
    if config["device"] == "cuda" and stack != "base":
        file = f"envs/{stack}-cuda.yaml"
    lock = (Path(workflow.basedir) / file).read_text()
    return " ".join(f"{package}=={pin(package, lock, file)}" for package in packages)


def pin(package, lock, file):
    """The pin of a package; vLLM for CPUs has a name of its own."""
    found = re.search(rf"(?mi)^[\s#-]*{re.escape(package)}(?:-cpu)?==(\S+)", lock)
    if not found:
        raise WorkflowError(f"{package}: no pin in {file}.")
    return found[1]


def prompt_set_of(method, dataset):
    """The name of a method's prompt set on a data set."""
    return config["prompt_sets"].get(method, config["datasets"][dataset]["prompt_set"])


def general_prompt_set(wildcards):
    """The name of the prompt set of what is no method: rationales, internal documents."""
    return config["datasets"][wildcards.dataset]["prompt_set"]


def prompts_of(name, wildcards):
    """What scripts open a prompt set by: its name, or the file with its published texts for a data set."""
    if name in published.SOURCES:
        return f"results/prompts/{name}/{wildcards.dataset}.json"
    return name


def prompt_files(*names):
    """The files of the published prompt sets among these, as inputs; ours are no inputs but parameters."""
    return [
        f"results/prompts/{name}/{{dataset}}.json"
        for name in sorted(set(names) & set(published.SOURCES))
    ]


def method_prompt_files():
    """The file of a method's prompt set, as input; nothing to look for where a study has no published set."""
    used = [
        *(dataset["prompt_set"] for dataset in config["datasets"].values()),
        *config["prompt_sets"].values(),
    ]
    if not prompt_files(*used):
        return []
    return lambda wildcards: prompt_files(
        prompt_set_of(wildcards.method, wildcards.dataset)
    )


@cache
def templates(prompt_set, *names):
    """The content of the prompt templates that a rule renders; a published set lies among the rule's inputs."""
    folder = SCRIPTS.parent / "prompts" / prompt_set
    if prompt_set in published.SOURCES:
        folder = (
            SCRIPTS.parent / "prompts" / "ours"
        )  # where what a published set lacks is taken from
    return content_id(
        {
            name: (folder / f"{name}.j2").read_text()
            for name in sorted(names)
            if (folder / f"{name}.j2").is_file()
        }
    )


def given(option, value):
    """An option of a command with its value, or nothing where the value is empty."""
    return f"{option} {shlex.quote(value)}" if value else ""


def content_of(*files):
    """The content of files of ours that are no Python."""
    return content_id({name: (SCRIPTS / name).read_text() for name in files})


def method_prompts(wildcards):
    """The prompt set of a method, as JSON by its name."""
    name = prompt_set_of(wildcards.method, wildcards.dataset)
    return canonical_json({wildcards.method: prompts_of(name, wildcards)})


def asked_with(wildcards):
    """All that decides what a method asks and what it is answered, as JSON: one parameter, since many jobs have it."""
    return asked(
        wildcards.model,
        wildcards.method,
        prompt_set_of(wildcards.method, wildcards.dataset),
    )


@cache
def asked(model, method, prompt_set):
    caps = config["generate"]
    return canonical_json(
        {
            "code": code("generate.py", method_file(method)),
            "pins": pins("vllm", "vllm", "torch", "transformers"),
            "prompt_set": prompt_set,
            "templates": templates(prompt_set, *methods.load(method).TEMPLATES),
            "answer_tokens": caps["answer_tokens"],
            "rationale_tokens": caps["rationale_tokens"],
            "rationale_stop": caps["rationale_stop"],
            "engine": engine_of(model),
            "logits_batch": config["engine"]["logits_batch"],
        }
    )


def checkpoint_prompts(wildcards):
    """As `method_prompts`, for all methods of a checkpoint."""
    return canonical_json(
        {
            m: prompts_of(prompt_set_of(m, wildcards.dataset), wildcards)
            for m in methods_of(wildcards.checkpoint)
        }
    )


def checkpoint_templates(wildcards):
    return content_id(
        {
            m: templates(
                prompt_set_of(m, wildcards.dataset), *methods.load(m).TEMPLATES
            )
            for m in methods_of(wildcards.checkpoint)
        }
    )


def methods_of(checkpoint):
    """The methods that a checkpoint answers with; a trained one also has its own closed-book pass."""
    return (
        config["methods"]
        if checkpoint == "base"
        else [
            config["recipes"][checkpoint]["method"],
            *config["recipes"][checkpoint]["asked"],
            "closed-book",
        ]
    )


def asked_methods():
    """All methods of the run, of the base model and of checkpoints."""
    return sorted({m for c in ["base", *config["recipes"]] for m in methods_of(c)})


def trained():
    """The recipes that are trained; the others' weights are there already."""
    return [
        name for name, recipe in config["recipes"].items() if "weights" not in recipe
    ]


def written_rationales():
    """The sources of rationales that a model writes and something of this run takes, and its own."""
    taken = {config["demonstrations"]["source"], *methods.sources(asked_methods())}
    taken |= {config["recipes"][name]["rationales"] for name in trained()}
    return ["self", *sorted(taken & {"without-answers", "without-documents"})]


def setting(*path):
    """A value of the config as JSON, for a parameter; name the narrowest key."""
    value = config
    for name in path:
        value = value[name]
    return canonical_json(value)


def hyperparameters(wildcards):
    """A recipe's hyper-parameters as JSON, without the number of CPU ranks."""
    training = {
        k: v
        for k, v in config["recipes"][wildcards.recipe]["training"].items()
        if k != "ranks"
    }
    return canonical_json({**training, "seed": config["seed"]})


def training_ranks(wildcards, resources):
    """Processes that train: one per GPU granted, or as many as the recipe says on a CPU."""
    return resources.gpu or config["recipes"][wildcards.recipe]["training"]["ranks"]


def weights(wildcards):
    """The manifest of a checkpoint: rules depend on it, not on its folder of weights."""
    if wildcards.checkpoint == "base":
        return f"results/models/{wildcards.model}.manifest.json"
    return f"results/checkpoints/{wildcards.dataset}/{wildcards.model}/{wildcards.checkpoint}.manifest.json"


def weights_folder(wildcards):
    return weights(wildcards).removesuffix(".manifest.json")


def refuse_without_gpus():
    """End a run that is to use GPUs and was granted none, or has no builds for them."""
    granted = workflow.global_resources.get("gpu")
    methods_used = map(str, workflow.deployment_settings.deployment_method)
    try:
        settings.check_gpus(config, granted.value if granted else 0)
        settings.check_builds(config, conda="conda" in methods_used)
    except UserError as error:
        raise WorkflowError(str(error))


def refuse_unwritable():
    """End a run whose results cannot be written, before Snakemake fails on it job by job."""
    results = Path("results")
    for folder in [results, *results.glob("*/")]:
        if folder.is_dir() and not os.access(folder, os.W_OK):
            raise WorkflowError(
                f"{folder} cannot be written: Read-only file system, or no permission. Free it, or run elsewhere."
            )


def gpus(wanted):
    """How many GPUs a job asks for, none where models run on the CPU."""
    return wanted if config["device"] == "cuda" else 0


def tensor_parallel(model):
    """GPUs that share one engine of a model."""
    return gpus(config["engine"]["tensor_parallel"].get(model, 1)) or 1


def engine_gpus(wildcards):
    return gpus(tensor_parallel(wildcards.model))


def engine_settings(wildcards):
    return engine_of(wildcards.model)


def engine_of(model):
    """What vLLM is started with for a model, as JSON."""
    vllm = {k: v for k, v in config["engine"].items() if k != "logits_batch"}
    return canonical_json(
        {
            "device": config["device"],
            **vllm,
            "tensor_parallel": tensor_parallel(model),
        }
    )


def shards():
    """What the names of a checkpoint's shards end in: of one, nothing."""
    n = config["generate"]["shards"]
    return [f".{i}-of-{n}" for i in range(1, n + 1)] if n > 1 else [""]


def shard_files(pattern):
    """A file for each shard; other wildcards stay open."""
    return [pattern.replace("{shard}", shard) for shard in shards()]


@cache
def blocks():
    """The blocks of test conditions by name: a block of one condition has its name."""
    size, conditions = config["test"]["block"], config["test"]["conditions"]
    if size == 1:
        return {condition: [condition] for condition in conditions}
    return {
        f"block_{i // size + 1}": conditions[i : i + size]
        for i in range(0, len(conditions), size)
    }


def block_files(pattern):
    """A file for each condition of a block; other wildcards stay open. Patterns are planned faster than functions."""
    if config["test"]["block"] == 1:
        return pattern.replace("{condition}", "{block}")
    return lambda wildcards: [
        pattern.replace("{condition}", condition)
        for condition in blocks()[wildcards.block]
    ]


def options(values, *keys):
    """Values as options of a command: one parameter for many, since a plan takes its time over each."""
    return " ".join(f"--{key} {quote(str(values[key]))}" for key in keys)


def dataset_key(key):
    return lambda wildcards: config["datasets"][wildcards.dataset][key]


def demonstrated_rationales():
    """The rationales that demonstrations are from: the config's source; for styles that it lacks, the model's own."""
    source = config["demonstrations"]["source"]
    named = ["self"] if source in ONE_STYLE else []
    if source != "shipped":  # whose demonstrations are the data set's own
        named = [source, *named]
    return [
        f"results/rationales/{{dataset}}/{{model}}/{name}.parquet" for name in named
    ]


def training_files(pattern):
    """A file for each training condition; other wildcards stay open."""
    return [
        pattern.replace("{condition}", condition)
        for condition in config["train"]["conditions"]
    ]


def answered():
    """(dataset, model, checkpoint, method, block of conditions) of everything that is answered."""
    return [
        dict(dataset=d, model=m, checkpoint=c, method=method, block=block)
        for d in config["datasets"]
        for m in config["models"]
        for c in ["base", *config["recipes"]]
        for method in methods_of(c)
        for block in blocks()
    ]


def asked_series(wildcards):
    """What is answered of a data set by a model, as JSON; sorted, since another order is no other study."""
    return canonical_json(
        {
            "dataset": wildcards.dataset,
            "model": wildcards.model,
            "methods": {c: sorted(methods_of(c)) for c in ["base", *config["recipes"]]},
            "conditions": sorted(config["test"]["conditions"]),
        }
    )


def answered_files(pattern):
    return [pattern.format(**one) for one in answered()]


@cache
def published_counterparts():
    """What of this run has published figures: our names of data sets, models and series, and theirs."""
    return published_numbers.counterparts(config, published_numbers.read(FIGURES))


def published_tables():
    """Ours beside published figures, where a data set has some."""
    return (
        ["results/report/published.parquet"]
        if published_counterparts()["datasets"]
        else []
    )


def layout_code(script):
    """As `code`, and the module of the data set's layout, which is loaded by name."""
    return lambda wildcards: code(
        script,
        f"interexter/layouts/{config['datasets'][wildcards.dataset]['source']['layout'].replace('-', '_')}.py",
    )


def encoded(kind):
    """Vectors that a data set's retrieval needs: the questions', or the shards of the corpus; none for BM25."""

    def files(wildcards):
        how = config["datasets"][wildcards.dataset]["retrieval"]
        if how["method"] not in ("dense", "hybrid"):
            return []
        folder = f"results/embeddings/{wildcards.dataset}"
        if kind == "questions":
            return [f"{folder}/{wildcards.split}.npy"]
        return [f"{folder}/corpus-{part}.faiss" for part in range(how["shards"])]

    return files


def encoding(wildcards):
    """What decides a vector, as JSON: the encoder, its revisions and the batch."""
    how = config["datasets"][wildcards.dataset]["retrieval"]
    return canonical_json(
        {
            k: how[k]
            for k in ("model", "revision", "question_revision", "batch")
            if k in how
        }
    )


def draws(written):
    """The names of the draws that conditions need, of kinds that a model writes or of the others."""
    named = {settings.draw_name(c): c["kind"] for c in config["conditions"].values()}
    return sorted(
        name for name, kind in named.items() if injectors.written(kind) == written
    ) or ["none"]


def draw_of(wildcards):
    """The condition (one of them) that a draw is made for."""
    return next(
        condition
        for condition in config["conditions"].values()
        if settings.draw_name(condition) == wildcards.draw
    )


def draw_kind(wildcards):
    return draw_of(wildcards)["kind"]


def contradicted_memory(wildcards):
    """What the model of a draw answered closed-book, where that is to be contradicted."""
    condition = draw_of(wildcards)
    if condition["counter_to"] == "gold":
        return []
    return f"results/recall/{wildcards.dataset}/{condition['model']}.parquet"


def shipped_counters(wildcards):
    """What the data set itself holds against its gold answers, for the kind that takes it."""
    if not injectors.needs_shipped(draw_kind(wildcards)):
        return []
    return f"results/data/{wildcards.dataset}/counters.parquet"


def composed_counters(wildcards):
    """The draw of a condition, with scores where it places counter-passages by them."""
    condition = config["conditions"][wildcards.condition]
    folder = "scored" if condition["position"] == "score" else "counters"
    return f"results/{folder}/{wildcards.dataset}/{wildcards.split}/{settings.draw_name(condition)}.parquet"


def between_data_and_report():
    """A file of every job that the report takes nothing of by itself."""
    files = answered_files(
        "results/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
    )
    for dataset, split in product(config["datasets"], ["train", "test"]):
        of = SimpleNamespace(dataset=dataset, split=split)
        files += [f"results/data/{dataset}/{split}.parquet"]
        files += [*encoded("questions")(of), *encoded("corpus")(of)]
        for condition in config[split]["conditions"]:
            of.condition = condition
            files.append(composed_counters(of))
            files += [
                f"results/evidence/{dataset}/{model}/{split}/{condition}.parquet"
                for model in config["models"]
            ]
    for dataset in config["datasets"]:
        used = [prompt_set_of(method, dataset) for method in asked_methods()]
        files += [path.format(dataset=dataset) for path in prompt_files(*used)]
    for dataset, model in product(config["datasets"], config["models"]):
        files.append(f"results/series/{dataset}/{model}.json")
        files.append(f"results/demonstrations/{dataset}/{model}.json")
        if dataset in config["citations"]["datasets"]:
            files.append(f"results/citations/{dataset}/{model}.parquet")
        for recipe in trained():
            source = config["recipes"][recipe]["rationales"]
            files.append(f"results/training/{dataset}/{model}/{recipe}.parquet")
            files.append(f"results/rationales/{dataset}/{model}/{source}.parquet")
        files += [
            path.format(dataset=dataset, model=model)
            for path in demonstrated_rationales()
        ]
    return files
