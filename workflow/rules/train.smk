# Takes rationales and a base model; gives a checkpoint for each recipe.


rule training_rows:
    input:
        examples=examples("train"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/train.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        rationales=recipe_rationales,
        parts="results/data/{dataset}/parts.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=recipe_prompt_files,
    output:
        "results/training/{dataset}/seed-{seed}/{model}/{recipe}.parquet",
    log:
        "results/logs/training_rows/{dataset}/seed-{seed}/{model}/{recipe}.log",
    benchmark:
        "results/benchmarks/training_rows/{dataset}/seed-{seed}/{model}/{recipe}.tsv"
    conda:
        environment("train")
    params:
        code=recipe_code("training_rows.py"),
        pins=pins("train", "transformers", "tokenizers"),
        templates=recipe_templates,
        method=lambda wildcards: recipe_of(wildcards)["method"],
        mixture=lambda wildcards: setting("recipes", wildcards.recipe, "mixture"),
        seed=seed_of,
        prompt_set=recipe_prompts,
        folder=weights_folder,
    shell:
        r"""
        python "$SCRIPTS/training_rows.py" \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --rationales {input.rationales:q} \
            --parts {input.parts:q} \
            --method {params.method} \
            --mixture {params.mixture:q} \
            --seed {params.seed} \
            --prompt-set {params.prompt_set:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


use rule prepare_model as take_checkpoint with:
    # Weights that are there already take the place of a training; an adapter is merged into the study's model.
    input:
        base=adapter_base,
    output:
        folder=directory("results/taken/{dataset}/{model}/{taken}"),
        manifest="results/taken/{dataset}/{model}/{taken}.manifest.json",
    log:
        "results/logs/take_checkpoint/{dataset}/{model}/{taken}.log",
    benchmark:
        "results/benchmarks/take_checkpoint/{dataset}/{model}/{taken}.tsv"
    wildcard_constraints:
        taken=one_of(layout.taken(config)),
    resources:
        mem=taken_memory,
    params:
        pins=pins("train", "transformers", "torch", "gguf", "safetensors", "peft"),
        source=taken_source,
        content=taken_content,


rule finetune:
    input:
        data="results/training/{dataset}/seed-{seed}/{model}/{recipe}.parquet",
        card="results/data/{dataset}/card.json",
        manifest="results/models/{model}.manifest.json",
    output:
        folder=directory("results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}"),
        manifest="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.manifest.json",
        log="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.log.parquet",
        speed="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.speed.parquet",
        costs="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.costs.json",
    log:
        "results/logs/finetune/{dataset}/seed-{seed}/{model}/{recipe}.log",
    benchmark:
        "results/benchmarks/finetune/{dataset}/seed-{seed}/{model}/{recipe}.tsv"
    wildcard_constraints:
        recipe=one_of(layout.trained(config)),
    conda:
        environment("train")
    threads: training_threads
    resources:
        gpu=training_gpus,
        nodes=1,
        mem=training_memory,
        runtime="12h",
        resume_seconds=resume_seconds,  # a resource: another value is no reason to train again
    params:
        code=code("finetune.py", "launch.py", "torchrun.py"),
        pins=pins(
            "train", "torch", "transformers", "trl", "deepspeed", "accelerate", "peft"
        ),
        recipe=hyperparameters,
        device=config["device"],
        ranks=training_ranks,
        folder=weights_folder,
        tracking=tracking_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/launch.py" \
            --ranks {params.ranks} --nodes {resources.nodes} --gpus {resources.gpu} --threads {threads} -- \
            "$SCRIPTS/finetune.py" \
            --model {params.folder:q} \
            --model-manifest {input.manifest:q} \
            --data {input.data:q} \
            --data-card {input.card:q} \
            --recipe {params.recipe:q} \
            --device {params.device} \
            --threads {threads} \
            --resume-seconds {resources.resume_seconds} \
            --tracking "$TRACKING" \
            --tracking-folder {params.tracking:q} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            --curve {output.log:q} \
            --speed {output.speed:q} \
            --costs {output.costs:q} \
            >{log:q} 2>&1
        """
