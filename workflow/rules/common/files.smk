# The files that rules take, as far as the config decides them. Patterns are planned faster than functions.


def prompt_files(*names):
    """The files of the published prompt sets among these, as inputs; ours are no inputs but parameters."""
    return [
        f"results/prompts/{name}/{{dataset}}.json"
        for name in sorted(set(names) & set(published_prompts.SOURCES))
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


def weights(wildcards):
    """The manifest of a checkpoint: rules depend on it, not on its folder of weights."""
    if wildcards.checkpoint == "base":
        return f"results/models/{wildcards.model}.manifest.json"
    return f"results/checkpoints/{wildcards.dataset}/{wildcards.model}/{wildcards.checkpoint}.manifest.json"


def weights_folder(wildcards):
    return weights(wildcards).removesuffix(".manifest.json")


def shard_files(pattern):
    """A file for each shard; other wildcards stay open."""
    return [pattern.replace("{shard}", shard) for shard in shards()]


def block_files(pattern):
    """A file for each condition of a block; other wildcards stay open. Patterns are planned faster than functions."""
    if config["test"]["block"] == 1:
        return pattern.replace("{condition}", "{block}")
    return lambda wildcards: [
        pattern.replace("{condition}", condition)
        for condition in blocks()[wildcards.block]
    ]


def training_files(pattern):
    """A file for each training condition; other wildcards stay open."""
    return [
        pattern.replace("{condition}", condition)
        for condition in config["train"]["conditions"]
    ]


def answered_files(pattern):
    return [pattern.format(**one) for one in answered()]


def demonstrated_rationales():
    """The rationales that demonstrations are from: the config's source; for styles that it lacks, the model's own."""
    source = config["demonstrations"]["source"]
    named = ["self"] if source in ONE_STYLE else []
    if source != "shipped":  # whose demonstrations are the data set's own
        named = [source, *named]
    return [
        f"results/rationales/{{dataset}}/{{model}}/{name}.parquet" for name in named
    ]


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
    condition = condition_of(wildcards)
    folder = "scored" if condition["position"] == "score" else "counters"
    return f"results/{folder}/{wildcards.dataset}/{wildcards.split}/{settings.draw_name(condition)}.parquet"


def published_tables():
    """Ours beside published figures, where a data set has some."""
    return (
        ["results/report/published.parquet"]
        if published_counterparts()["datasets"]
        else []
    )


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
