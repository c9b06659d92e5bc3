# What decides the content of a job's files beside its inputs: code, pins, prompts and settings, as parameters.


@cache  # many jobs ask for it
def code(*scripts):
    """The fingerprint of a script and of the modules of ours that it imports."""
    return fingerprint(*(SCRIPTS / script for script in scripts))


def method_file(method):
    """The module of a method, which is loaded by name."""
    return f"interexter/answers/methods/{method.replace('-', '_')}.py"


def checkpoint_code(script):
    """As `code`, and the modules of all methods that the checkpoint answers with."""
    return lambda wildcards: code(
        script, *map(method_file, methods_of(wildcards.checkpoint))
    )


def recipe_code(script):
    """As `code`, and the module of the recipe's method."""
    return lambda wildcards: code(script, method_file(recipe_of(wildcards)["method"]))


def injection_code(script):
    """As `code`, and the modules of the kinds that the conditions of a split name."""
    return lambda wildcards: code(
        script,
        *(
            f"interexter/injection/injectors/{injectors.file_of(kind)}"
            for kind in kinds_of(wildcards.split)
        ),
    )


def layout_code(script):
    """As `code`, and the module of the data set's layout, which is loaded by name."""
    return lambda wildcards: code(
        script,
        f"interexter/data/layouts/{config['datasets'][wildcards.dataset]['source']['layout'].replace('-', '_')}.py",
    )


def content_of(*files):
    """The content of files of ours that are no Python."""
    return content_id(
        {
            name: (SCRIPTS / "interexter" / name).read_text(encoding="utf-8")
            for name in files
        }
    )


def report_content():
    """The content of the report's templates, scripts and styles."""
    folder = SCRIPTS / "interexter" / "report"
    kinds = (".j2", ".js", ".css")
    found = sorted(p.name for p in folder.iterdir() if p.suffix in kinds)
    return content_of(*(f"report/{name}" for name in found))


@cache
def pins(stack, *packages):
    """The pins of packages that can change what a job writes, in .venv or in the stack's CUDA build."""
    file = "requirements.lock"  # the environments of CPUs agree with it
    if config["device"] == "cuda" and stack != "base":
        file = f"envs/{stack}-cuda.yaml"
    lock = (ROOT / file).read_text(encoding="utf-8")
    return " ".join(f"{package}=={pin(package, lock, file)}" for package in packages)


def pin(package, lock, file):
    """The pin of a package; vLLM for CPUs has a name of its own."""
    found = re.search(rf"(?mi)^[\s#-]*{re.escape(package)}(?:-cpu)?==(\S+)", lock)
    if not found:
        raise WorkflowError(f"{package}: no pin in {file}.")
    return found[1]


@cache
def templates(prompt_set, *names):
    """The content of the prompt templates that a rule renders; a published set lies among the rule's inputs."""
    # What a published set lacks is taken from ours.
    name = "ours" if prompt_set in published_prompts.SETS else prompt_set
    folder = SCRIPTS / "interexter/engine/prompt_sets" / name
    return content_id(
        {
            name: (folder / f"{name}.j2").read_text(encoding="utf-8")
            for name in sorted(names)
            if (folder / f"{name}.j2").is_file()
        }
    )


def setting(*path):
    """A value of the config as JSON, for a parameter; name the narrowest key."""
    value = config
    for name in path:
        value = value[name]
    return canonical_json(value)


def as_it_stands(text):
    """A parameter that holds words of the config: in a plain text, Snakemake takes what stands in braces for a wildcard."""
    return lambda wildcards: text


def opened_by(name, input):
    """What programs open a prompt set by: its name, or the file of a published one among a job's inputs."""
    return next((file for file in input.prompts if f"/prompts/{name}/" in file), name)


def general_prompts(wildcards, input):
    return opened_by(general_prompt_set(wildcards), input)


def local_prompt_files(wildcards):
    """Options that name the user's copies of the files that a published set is built from."""
    local = config["prompt_files"]
    files = published_prompts.SETS[wildcards.published]
    return " ".join(option("--local", f"{f}={local[f]}") for f in files if f in local)


def worked_examples(wildcards):
    """The file of worked examples that a published set shows on a data set, None where it shows none."""
    if wildcards.published == published_prompts.WORKED:
        return config["datasets"][wildcards.dataset]["worked_examples"]


def worked_content(wildcards):
    """The content of that file."""
    key = "datasets", wildcards.dataset, "worked_examples"
    return watched.named(config, *key) if worked_examples(wildcards) else ""


def recipe_prompts(wildcards, input):
    return opened_by(
        prompt_set_of(recipe_of(wildcards)["method"], wildcards.dataset), input
    )


def checkpoint_prompts(wildcards, input):
    """The prompt sets of all methods of a checkpoint, as JSON by method."""
    return canonical_json(
        {
            method: opened_by(prompt_set_of(method, wildcards.dataset), input)
            for method in methods_of(wildcards.checkpoint)
        }
    )


def checkpoint_prompt_names(wildcards):
    """As `checkpoint_prompts`, the names alone, also of methods behind the plausibility gate."""
    labelled = layout.labelled_methods(config, wildcards.checkpoint)
    return canonical_json(
        {name: prompt_set_of(m, wildcards.dataset) for name, m in labelled.items()}
    )


def method_templates(method, dataset):
    return templates(prompt_set_of(method, dataset), *methods.load(method).TEMPLATES)


def checkpoint_templates(wildcards):
    return content_id(
        {
            method: method_templates(method, wildcards.dataset)
            for method in methods_of(wildcards.checkpoint)
        }
    )


def recipe_templates(wildcards):
    return method_templates(recipe_of(wildcards)["method"], wildcards.dataset)


def rationale_templates(*more):
    return lambda wildcards: templates(
        general_prompt_set(wildcards), *more, *RATIONALE_TEMPLATES
    )


def engine_settings(wildcards):
    """What vLLM is started with for a model, or how its server is asked, as JSON."""
    if wildcards.model in layout.of_servers(config):
        source = config["models"][wildcards.model]
        asked = {k: v for k, v in source.items() if k != "kind"}
        return canonical_json(
            {"endpoint": asked, "store_every": config["engine"]["store_every"]}
        )
    vllm = {k: v for k, v in config["engine"].items() if k != "logits_batch"}
    return canonical_json(
        {
            "device": config["device"],
            **vllm,
            "tensor_parallel": tensor_parallel(wildcards.model),
        }
    )


def seed_of(wildcards):
    """The seed of what is random in a job."""
    return int(wildcards.seed)


def writing_settings(wildcards):
    """How rationales are written, as JSON."""
    keys = ("max_tokens", "stop", "check", "max_attempts", "temperature")
    return canonical_json(
        {**{k: config["rationales"][k] for k in keys}, "seed": seed_of(wildcards)}
    )


def hyperparameters(wildcards):
    """A recipe's hyper-parameters as JSON, without what changes no weight: GPUs, CPU ranks, states to resume from."""
    training = {
        k: v
        for k, v in recipe_of(wildcards)["training"].items()
        if k not in ("gpus", "ranks", "resume_seconds")
    }
    return canonical_json({**training, "seed": seed_of(wildcards)})


def trained_recipes(wildcards):
    """The hyper-parameters of every recipe that is trained, as JSON; its ranks by model."""
    return canonical_json(
        {
            name: {
                **config["recipes"][name]["training"],
                "ranks": {
                    model: gpu_plan.of_training(config, name, model)
                    or config["recipes"][name]["training"]["ranks"]
                    for model in config["models"]
                },
                "seed": config["seeds"][0],
            }
            for name in layout.trained(config)
        }
    )


def encoding(wildcards):
    """What decides a vector, as JSON: the encoder, its revisions and the batch."""
    how = config["datasets"][wildcards.dataset]["retrieval"]
    keys = ("model", "revision", "question_revision", "batch")
    return canonical_json({k: how[k] for k in keys if k in how})


def retrieval_key(key):
    return lambda wildcards: config["datasets"][wildcards.dataset]["retrieval"][key]


def memories(wildcards, input):
    """Options that name the closed-book answers that are contradicted, by model."""
    return by_model("--recall", contradicted_models(wildcards), input.recall)


def weighed(wildcards, input):
    """Options that name the candidates among which counter-answers are plausible, by model."""
    return by_model("--candidates", weighing_models(wildcards), input.candidates)


def by_model(name, models, files):
    """An option for each model, with its file."""
    return " ".join(
        f"{name} {quote(f'{model}={path}')}"
        for model, path in zip(models, files, strict=True)
    )


def taken_source(wildcards):
    """Where the weights of a recipe that is not trained come from, as JSON."""
    return setting("recipes", wildcards.taken, "weights", wildcards.dataset)


def takes_adapter(wildcards):
    """Whether the weights that a recipe takes are an adapter."""
    source = config["recipes"][wildcards.taken]["weights"][wildcards.dataset]
    return source["kind"] in source_keys.ADAPTERS


def adapter_base(wildcards):
    """The manifest of the model that an adapter is added to; nothing for whole weights."""
    return (
        f"results/models/{wildcards.model}.manifest.json"
        if takes_adapter(wildcards)
        else []
    )


def taken_memory(wildcards, attempt):
    """Memory to take weights: more where an adapter is merged into its base. A second attempt gets twice as much."""
    need = host_memory.of_merging(config, wildcards.model)
    return gigabytes(attempt * (need if takes_adapter(wildcards) else 4e9))


def taken_content(wildcards):
    """The content of weights that are taken from a folder of this machine."""
    key = "recipes", wildcards.taken, "weights", wildcards.dataset
    return watched.named(config, *key)


def encoder_content(wildcards):
    """The content of an encoder that lies in a folder of this machine."""
    return watched.named(config, "datasets", wildcards.dataset, "retrieval")
