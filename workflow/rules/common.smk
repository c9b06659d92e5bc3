# Reads the config, and holds the helpers that name files and parameters in the rules.
import json
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from interexter import locks, methods, settings
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


def templates(*names):
    """The content of the prompt templates that a rule renders."""
    folder = SCRIPTS.parent / "prompts" / config["prompt_set"]
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


def method_templates(wildcards):
    return templates(*methods.load(wildcards.method).TEMPLATES)


def checkpoint_templates(wildcards):
    return templates(
        *(
            t
            for m in methods_of(wildcards.checkpoint)
            for t in methods.load(m).TEMPLATES
        )
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
    return canonical_json({"device": config["device"], **config["engine"]})


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
