# GPUs and cores: how many a job asks for, and a run that cannot have them.


def gpus(wanted):
    """How many GPUs a job asks for, none where models run on the CPU."""
    return wanted if config["device"] == "cuda" else 0


def threads_of(wanted):
    """Cores of a job with so many GPUs; a CPU computes with its cores, a GPU wants one to be fed by and one beside."""
    return 2 * max(wanted, 1) if config["device"] == "cuda" else 8


def tensor_parallel(model):
    """GPUs that share one engine of a model."""
    return gpu_plan.of_engine(config, model) or 1


def engine_gpus(wildcards):
    """GPUs of a job that asks a model; a server has its own."""
    return gpu_plan.of_engine(config, wildcards.model)


def engine_threads(wildcards):
    """Cores of a job that asks a model."""
    return threads_of(engine_gpus(wildcards))


def training_gpus(wildcards):
    """GPUs that a recipe is trained on."""
    return gpu_plan.of_training(config, wildcards.recipe, wildcards.model)


def resume_seconds(wildcards):
    """Seconds between two states that a stopped training goes on from."""
    return recipe_of(wildcards)["training"]["resume_seconds"]


def training_threads(wildcards):
    """Cores of a training: with GPUs one process for each."""
    return threads_of(training_gpus(wildcards))


def asking_memory(wildcards, attempt):
    """Memory of the host for a job that asks a model; a second attempt gets twice as much."""
    return gigabytes(attempt * host_memory.of_asking(config, wildcards.model))


def training_memory(wildcards, attempt):
    """Memory of the host for a training; a second attempt gets twice as much."""
    need = host_memory.of_training(config, wildcards.recipe, wildcards.model)
    return gigabytes(attempt * need)


def gigabytes(size):
    """A size in bytes as Snakemake reads it."""
    return f"{math.ceil(size / 1e9)} GB"


def most_training_gpus(wildcards):
    """GPUs of the training that takes most of them."""
    return max(
        (
            gpu_plan.of_training(config, recipe, model)
            for recipe in layout.trained(config)
            for model in config["models"]
        ),
        default=gpus(1),
    )


def training_ranks(wildcards, resources):
    """Processes that train: one per GPU granted, or as many as the recipe says on a CPU."""
    return resources.gpu or recipe_of(wildcards)["training"]["ranks"]
