# What a study consists of, and which files a job takes as far as the config decides it.


RESULTS = Path("results")


def names(paths):
    """Paths as Snakemake takes them."""
    return [str(path) for path in paths]


def study_files():
    """A file of every job of the study."""
    return names(layout.files(RESULTS, config)) + published_tables()


def published_tables():
    """Ours beside published figures, where the study has something in common with them."""
    found = published_counterparts()["datasets"]
    return ["results/report/published.parquet"] if found else []


def of_runs(file):
    """A file for each data set and model."""
    return names(
        file(RESULTS, dataset, model) for dataset, model in layout.runs(config)
    )


def of_recipes(ending):
    """A file beside the weights of each checkpoint that is no base model."""
    return names(
        layout.checkpoint(RESULTS, config, *run, recipe, ending)
        for run in layout.seeded_runs(config)
        for recipe in config["recipes"]
    )


def checkpoint_answers(wildcards):
    """The answers of a checkpoint, a file for each shard."""
    run = wildcards.dataset, wildcards.seed, wildcards.model
    return names(layout.answers(RESULTS, config, *run, wildcards.checkpoint))


def model_answers(wildcards):
    """The answers of all checkpoints of a model."""
    run = wildcards.dataset, wildcards.seed, wildcards.model
    return names(
        path
        for checkpoint in layout.checkpoints(config)
        for path in layout.answers(RESULTS, config, *run, checkpoint)
    )


def answer_files():
    """The answers of all checkpoints that are asked here."""
    return names(
        path
        for run in layout.seeded_runs(config)
        for checkpoint in layout.answering(config)
        for path in (
            *layout.answers(RESULTS, config, *run, checkpoint),
            *layout.gated(RESULTS, config, *run, checkpoint),
        )
    )


def gated_answers(wildcards):
    """The answers of a checkpoint that went through the plausibility gate, where any do."""
    run = wildcards.dataset, wildcards.seed, wildcards.model
    return names(layout.gated(RESULTS, config, *run, wildcards.checkpoint))


def cited(wildcards):
    """The scores of citations, where a data set's are wanted."""
    if wildcards.dataset not in config["citations"]["datasets"]:
        return []
    return names(
        layout.citations(RESULTS, wildcards.dataset, seed, wildcards.model)
        for seed in config["seeds"]
    )


def compared_with(wildcards):
    """The labels of other models that the config compares this one with."""
    named = [one for members in config["comparisons"].values() for one in members]
    sides = [(one["a"].get("model"), one["b"].get("model")) for one in named]
    others = {b for a, b in sides if a == wildcards.model and b != a}
    return names(
        layout.labels(RESULTS, wildcards.dataset, seed, other, checkpoint)
        for seed in config["seeds"]
        for other in sorted(others)
        for checkpoint in layout.checkpoints(config)
    )


def methods_of(checkpoint):
    """The methods that a checkpoint answers with."""
    return layout.methods_of(config, checkpoint)


def asked_methods():
    """All methods that are asked in the run, of the base model and of checkpoints."""
    return sorted(layout.asked_methods(config))


def recipe_of(wildcards):
    return config["recipes"][wildcards.recipe]


def prompt_set_of(method, dataset):
    """The name of a method's prompt set on a data set."""
    return layout.prompt_set_name(config, dataset, method)


def general_prompt_set(wildcards):
    """The name of the prompt set of what is no method: rationales, internal documents."""
    return config["datasets"][wildcards.dataset]["prompt_set"]


def dataset_key(key):
    return lambda wildcards: config["datasets"][wildcards.dataset][key]


def conditions_of(split):
    """The conditions of a split by name, sorted."""
    return layout.conditions_of(config, split)


def kinds_of(split):
    """The kinds of injection that the conditions of a split name."""
    return sorted({condition["kind"] for condition in conditions_of(split).values()})


def models_of(split, key, value, written):
    """The models that conditions with a value name, of passages that models write, or of those made by rule."""
    return sorted(
        {
            condition["model"]
            for condition in conditions_of(split).values()
            if condition[key] == value
            and injectors.written(condition["kind"]) == written
        }
    )


def contradicted_models(wildcards):
    """The models whose memory is contradicted by passages that are made by rule."""
    return models_of(wildcards.split, "counter_to", "memory", written=False)


def contradicted_memories(wildcards):
    return memory_files(wildcards, contradicted_models(wildcards))


def writers_memory(wildcards):
    """What the writing model answered closed-book, where that is to be contradicted."""
    contradicted = models_of(wildcards.split, "counter_to", "memory", written=True)
    return memory_files(wildcards, {wildcards.model} & {*contradicted})


def memory_files(wildcards, models):
    return names(layout.recall(RESULTS, wildcards.dataset, model) for model in models)


def weighing_models(wildcards):
    """The models that say which counter-answers are plausible, of passages that are made by rule."""
    return models_of(wildcards.split, "counter_answer", "plausible", written=False)


def weighed_candidates(wildcards):
    """What models find likely, where the counter-answers of passages that are made by rule are to be plausible."""
    return candidate_files(wildcards, weighing_models(wildcards))


def writers_candidates(wildcards):
    """What the writing model finds likely, where its counter-answers are to be plausible."""
    weighing = models_of(wildcards.split, "counter_answer", "plausible", written=True)
    return candidate_files(wildcards, {wildcards.model} & {*weighing})


def candidate_files(wildcards, models):
    return names(
        layout.candidates(
            RESULTS, wildcards.dataset, wildcards.seed, wildcards.split, model
        )
        for model in models
    )


def memory_asked(wildcards):
    """Whether a split's questions were asked without passages."""
    asked = wildcards.split == "test" or layout.asks_memory_of_training(config)
    return "yes" if asked else "no"


def shipped_counters(wildcards):
    """What the data set itself holds against its gold answers, for the kinds that take it."""
    if not any(map(injectors.needs_shipped, kinds_of(wildcards.split))):
        return []
    return f"results/data/{wildcards.dataset}/counters.parquet"


def all_counters(wildcards):
    """The counter-passages of a split: those made by rule, and those that models write."""
    return names(
        layout.counters(
            RESULTS, config, wildcards.dataset, wildcards.seed, wildcards.split
        )
    )


def scoring_corpus(wildcards):
    """The corpus whose statistics place counter-passages by their scores, where a condition asks for that."""
    positions = {c["position"] for c in conditions_of(wildcards.split).values()}
    return (
        f"results/data/{wildcards.dataset}/corpus.parquet"
        if "score" in positions
        else []
    )


def examples(split):
    """The examples of all conditions of a split."""
    return f"results/examples/{{dataset}}/seed-{{seed}}/{split}{layout.examples_ending(config)}"


def encoded(kind):
    """Vectors that a data set's retrieval needs: a split's questions, or the shards of the corpus; none for BM25."""
    return lambda wildcards: names(
        path
        for path in layout.vectors(RESULTS, config, wildcards.dataset)
        if path.name.startswith(kind)
    )


def prompt_files(*names):
    """The files of the published prompt sets among these, as inputs; ours are no inputs but parameters."""
    return [
        f"results/prompts/{name}/{{dataset}}.json"
        for name in sorted(set(names) & set(published_prompts.SETS))
    ]


def general_prompt_files(wildcards):
    return prompt_files(general_prompt_set(wildcards))


def recipe_prompt_files(wildcards):
    return prompt_files(
        prompt_set_of(recipe_of(wildcards)["method"], wildcards.dataset)
    )


def checkpoint_prompt_files(wildcards):
    return prompt_files(
        *(prompt_set_of(m, wildcards.dataset) for m in methods_of(wildcards.checkpoint))
    )


def checkpoint_manifest(wildcards):
    """The manifest of a checkpoint: rules depend on it, not on its folder of weights."""
    return str(
        layout.checkpoint(
            RESULTS,
            config,
            wildcards.dataset,
            wildcards.seed,
            wildcards.model,
            wildcards.checkpoint,
            ".manifest.json",
        )
    )


def recipe_rationales(wildcards):
    source = recipe_of(wildcards)["rationales"]
    return f"results/rationales/{wildcards.dataset}/seed-{wildcards.seed}/{wildcards.model}/{source}.parquet"


def demonstrated_rationales():
    """The rationales that demonstrations are from: the config's source; for styles that it lacks, the model's own."""
    source = config["demonstrations"]["source"]
    named = ["self"] if source in ONE_STYLE else []
    if source != "shipped":  # whose demonstrations are the data set's own
        named = [source, *named]
    return [
        f"results/rationales/{{dataset}}/seed-{{seed}}/{{model}}/{name}.parquet"
        for name in named
    ]


@cache
def published_counterparts():
    """What of this run has published figures: our names of data sets, models and series, and theirs."""
    return published_numbers.counterparts(config, published_numbers.read())
