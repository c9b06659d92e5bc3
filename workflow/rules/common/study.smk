# What a study consists of: its methods, checkpoints, conditions and draws, by name.


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


def prompt_set_of(method, dataset):
    """The name of a method's prompt set on a data set."""
    return config["prompt_sets"].get(method, config["datasets"][dataset]["prompt_set"])


def general_prompt_set(wildcards):
    """The name of the prompt set of what is no method: rationales, internal documents."""
    return config["datasets"][wildcards.dataset]["prompt_set"]


def dataset_key(key):
    return lambda wildcards: config["datasets"][wildcards.dataset][key]


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


def shards():
    """What the names of a checkpoint's shards end in: of one, nothing."""
    n = config["generate"]["shards"]
    return [f".{i}-of-{n}" for i in range(1, n + 1)] if n > 1 else [""]


def condition_of(wildcards):
    """The condition that a file is named after. A pattern of all names would refuse others, and slow each plan."""
    known = config["conditions"]
    if wildcards.condition not in known:
        raise WorkflowError(
            f"{wildcards.condition!r} is no condition of the config, which has {', '.join(known)}."
        )
    return known[wildcards.condition]


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


@cache
def published_counterparts():
    """What of this run has published figures: our names of data sets, models and series, and theirs."""
    return published_numbers.counterparts(config, published_numbers.read(FIGURES))
