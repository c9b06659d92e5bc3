# GPUs: how many a job asks for, and a run that cannot have them.


def gpus(wanted):
    """How many GPUs a job asks for, none where models run on the CPU."""
    return wanted if config["device"] == "cuda" else 0


def tensor_parallel(model):
    """GPUs that share one engine of a model."""
    return gpus(config["engine"]["tensor_parallel"].get(model, 1)) or 1


def engine_gpus(wildcards):
    """GPUs of a job that asks a model; a server has its own."""
    if wildcards.model in layout.of_servers(config):
        return 0
    return gpus(tensor_parallel(wildcards.model))


def training_ranks(wildcards, resources):
    """Processes that train: one per GPU granted, or as many as the recipe says on a CPU."""
    return resources.gpu or recipe_of(wildcards)["training"]["ranks"]


def refuse_without_gpus():
    """End a run that is to use GPUs and was granted none, or has no builds for them."""
    granted = workflow.global_resources.get("gpu")
    methods_used = map(str, workflow.deployment_settings.deployment_method)
    try:
        settings.check_gpus(config, granted.value if granted else 0)
        settings.check_builds(config, conda="conda" in methods_used)
    except UserError as error:
        raise WorkflowError(str(error)) from None
