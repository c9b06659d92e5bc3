# Reads the config, and holds the helpers that name files and parameters in the rules.
import json
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from interexter import locks, methods, published, settings
from interexter.errors import UserError
from interexter.fingerprint import fingerprint
from interexter.identity import canonical_json, content_id
from interexter.rationales import TEMPLATES as RATIONALE_TEMPLATES

try:
    config = settings.checked(config)
    if workflow.is_main_process:
        locks.release_stale(Path.cwd())
except UserError as error:
    raise WorkflowError(str(error))


def one_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names))


def code(*scripts):
    """The fingerprint of a script and of the modules of ours that it imports."""
    return fingerprint(*(SCRIPTS / script for script in scripts))


def method_code(script):
    """As `code`, and the method's own module, which is loaded by name."""
    return lambda wildcards: code(
        script, f"interexter/methods/{wildcards.method.replace('-', '_')}.py"
    )


def checkpoint_code(script):
    """As `code`, and the modules of all methods that the checkpoint answers with."""
    modules = lambda wildcards: [
        f"interexter/methods/{m.replace('-', '_')}.py"
        for m in methods_of(wildcards.checkpoint)
    ]
    return lambda wildcards: code(script, *modules(wildcards))


def pins(*packages):
    """The pinned versions of packages that can change a rule's bytes."""
    lock = (Path(workflow.basedir) / "requirements.lock").read_text()
    found = {
        p: re.search(rf"(?mi)^(?:#\s*)?{re.escape(p)}==(\S+)", lock) for p in packages
    }
    return " ".join(
        f"{package}=={match[1]}" for package, match in found.items() if match
    )


def prompt_set_of(method):
    """The name of a method's prompt set."""
    return config["prompt_sets"].get(method, config["prompt_set"])


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


def content_of(*files):
    """The content of files of ours that are no Python."""
    return content_id({name: (SCRIPTS / name).read_text() for name in files})


def method_prompts(wildcards):
    """The prompt set of a method, as JSON by its name."""
    name = prompt_set_of(wildcards.method)
    return canonical_json({wildcards.method: prompts_of(name, wildcards)})


def checkpoint_prompts(wildcards):
    """As `method_prompts`, for all methods of a checkpoint."""
    return canonical_json(
        {
            m: prompts_of(prompt_set_of(m), wildcards)
            for m in methods_of(wildcards.checkpoint)
        }
    )


def method_templates(wildcards):
    return templates(
        prompt_set_of(wildcards.method), *methods.load(wildcards.method).TEMPLATES
    )


def checkpoint_templates(wildcards):
    return content_id(
        {
            m: templates(prompt_set_of(m), *methods.load(m).TEMPLATES)
            for m in methods_of(wildcards.checkpoint)
        }
    )


def methods_of(checkpoint):
    """The methods that a checkpoint answers with; a trained one also has its own closed-book pass."""
    return (
        config["methods"]
        if checkpoint == "base"
        else [config["recipes"][checkpoint]["method"], "closed-book"]
    )


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


def engine_settings():
    vllm = {k: v for k, v in config["engine"].items() if k != "logits_batch"}
    return canonical_json({"device": config["device"], **vllm})


def condition_key(key):
    return lambda wildcards: config["conditions"][wildcards.condition][key]


def dataset_key(key):
    return lambda wildcards: config["datasets"][wildcards.dataset][key]


def training_files(pattern):
    """A file for each training condition; other wildcards stay open."""
    return [
        pattern.replace("{condition}", condition)
        for condition in config["train"]["conditions"]
    ]


def answered():
    """(dataset, model, checkpoint, method, condition) of everything that is answered."""
    return [
        dict(dataset=d, model=m, checkpoint=c, method=method, condition=condition)
        for d in config["datasets"]
        for m in config["models"]
        for c in ["base", *config["recipes"]]
        for method in methods_of(c)
        for condition in config["test"]["conditions"]
    ]


def answered_files(pattern):
    return [pattern.format(**one) for one in answered()]
