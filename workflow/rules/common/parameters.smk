# What decides the content of a job's files beside its inputs: code, pins, prompts and settings, as parameters.


@cache  # it is asked for by every job
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


def layout_code(script):
    """As `code`, and the module of the data set's layout, which is loaded by name."""
    return lambda wildcards: code(
        script,
        f"interexter/data/layouts/{config['datasets'][wildcards.dataset]['source']['layout'].replace('-', '_')}.py",
    )


def content_of(*files):
    """The content of files of ours that are no Python."""
    return content_id({name: (SCRIPTS / name).read_text() for name in files})


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


@cache
def templates(prompt_set, *names):
    """The content of the prompt templates that a rule renders; a published set lies among the rule's inputs."""
    folder = SCRIPTS / "interexter/engine/prompt_sets" / prompt_set
    if prompt_set in published_prompts.SOURCES:
        folder = (
            SCRIPTS / "interexter/engine/prompt_sets" / "ours"
        )  # where what a published set lacks is taken from
    return content_id(
        {
            name: (folder / f"{name}.j2").read_text()
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


def prompts_of(name, wildcards):
    """What scripts open a prompt set by: its name, or the file with its published texts for a data set."""
    if name in published_prompts.SOURCES:
        return f"results/prompts/{name}/{wildcards.dataset}.json"
    return name


def method_prompts(wildcards):
    """The prompt set of a method, as JSON by its name."""
    name = prompt_set_of(wildcards.method, wildcards.dataset)
    return canonical_json({wildcards.method: prompts_of(name, wildcards)})


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


def hyperparameters(wildcards):
    """A recipe's hyper-parameters as JSON, without the number of CPU ranks."""
    training = {
        k: v
        for k, v in config["recipes"][wildcards.recipe]["training"].items()
        if k != "ranks"
    }
    return canonical_json({**training, "seed": config["seed"]})


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
