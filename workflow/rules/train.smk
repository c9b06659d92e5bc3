# Takes rationales and a base model; gives a checkpoint for each recipe.


rule training_rows:
    input:
        examples=training_files(
            "results/examples/{dataset}/train/{condition}/gated.parquet"
        ),
        evidence=training_files(
            "results/evidence/{dataset}/{model}/train/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
        rationales=lambda wildcards: f"results/rationales/{{dataset}}/{{model}}/{config['recipes'][wildcards.recipe]['rationales']}.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=lambda wildcards: prompt_files(
            prompt_set_of(
                config["recipes"][wildcards.recipe]["method"], wildcards.dataset
            )
        ),
    output:
        "results/training/{dataset}/{model}/{recipe}.parquet",
    log:
        "results/logs/training_rows/{dataset}/{model}/{recipe}.log",
    benchmark:
        "results/benchmarks/training_rows/{dataset}/{model}/{recipe}.tsv"
    conda:
        environment("train")
    params:
        code=lambda wildcards: code(
            "training_rows.py",
            method_file(config["recipes"][wildcards.recipe]["method"]),
        ),
        pins=pins("train", "transformers", "tokenizers"),
        templates=lambda wildcards: templates(
            prompt_set_of(
                config["recipes"][wildcards.recipe]["method"], wildcards.dataset
            ),
            *methods.load(config["recipes"][wildcards.recipe]["method"]).TEMPLATES,
        ),
        method=lambda wildcards: config["recipes"][wildcards.recipe]["method"],
        mixture=lambda wildcards: setting("recipes", wildcards.recipe, "mixture"),
        seed=config["seed"],
        prompt_set=lambda wildcards: prompts_of(
            prompt_set_of(
                config["recipes"][wildcards.recipe]["method"], wildcards.dataset
            ),
            wildcards,
        ),
        folder=lambda wildcards, input: input.manifest.removesuffix(".manifest.json"),
    shell:
        r"""
        python workflow/scripts/training_rows.py \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --rationales {input.rationales:q} \
            --method {params.method} \
            --mixture {params.mixture:q} \
            --seed {params.seed} \
            --prompt-set {params.prompt_set} \
            --model {params.folder:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


use rule prepare_model as take_checkpoint with:
    # Weights that are there already take the place of a training.
    output:
        folder=directory("results/checkpoints/{dataset}/{model}/{taken}"),
        manifest="results/checkpoints/{dataset}/{model}/{taken}.manifest.json",
    log:
        "results/logs/take_checkpoint/{dataset}/{model}/{taken}.log",
    benchmark:
        "results/benchmarks/take_checkpoint/{dataset}/{model}/{taken}.tsv"
    wildcard_constraints:
        taken=one_of([name for name in config["recipes"] if name not in trained()]),
    params:
        source=lambda wildcards: setting(
            "recipes", wildcards.taken, "weights", wildcards.dataset
        ),


rule finetune:
    input:
        data="results/training/{dataset}/{model}/{recipe}.parquet",
        card="results/data/{dataset}/card.json",
        manifest="results/models/{model}.manifest.json",
    output:
        folder=directory("results/checkpoints/{dataset}/{model}/{recipe}"),
        manifest="results/checkpoints/{dataset}/{model}/{recipe}.manifest.json",
        log="results/checkpoints/{dataset}/{model}/{recipe}.log.parquet",
        speed="results/checkpoints/{dataset}/{model}/{recipe}.speed.parquet",
        costs="results/checkpoints/{dataset}/{model}/{recipe}.costs.json",
    log:
        "results/logs/finetune/{dataset}/{model}/{recipe}.log",
    benchmark:
        "results/benchmarks/finetune/{dataset}/{model}/{recipe}.tsv"
    wildcard_constraints:
        recipe=one_of(trained()),
    conda:
        environment("train")
    threads: 8
    resources:
        gpu=gpus(1),
        nodes=1,
        mem="16 GB",
        runtime="12h",
    params:
        code=code("finetune.py", "launch.py"),
        pins=pins(
            "train", "torch", "transformers", "trl", "deepspeed", "accelerate", "peft"
        ),
        recipe=hyperparameters,
        device=config["device"],
        ranks=training_ranks,
        folder=lambda wildcards, input: input.manifest.removesuffix(".manifest.json"),
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/launch.py \
            --ranks {params.ranks} --nodes {resources.nodes} --gpus {resources.gpu} --threads {threads} -- \
            workflow/scripts/finetune.py \
            --model {params.folder:q} \
            --model-manifest {input.manifest:q} \
            --data {input.data:q} \
            --data-card {input.card:q} \
            --recipe {params.recipe:q} \
            --device {params.device} \
            --threads {threads} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            --curve {output.log:q} \
            --speed {output.speed:q} \
            --costs {output.costs:q} \
            >{log:q} 2>&1
        """
