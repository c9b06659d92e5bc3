# Takes test examples and checkpoints; gives answers, and labels of what they say.


rule generate:
    # All methods of a checkpoint under all conditions: one start of the engine. The store of generations answers what was
    # asked before, so a condition more asks only for its own new prompts.
    input:
        examples=examples("test"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/test.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        demonstrations="results/demonstrations/{dataset}/seed-{seed}/{model}.json",
        manifest=checkpoint_manifest,
        prompts=checkpoint_prompt_files,
    output:
        answers="results/answers/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.parquet",
        rejected="results/answers/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.rejected.parquet",
        costs="results/answers/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.costs.json",
    log:
        "results/logs/generate/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.log",
    benchmark:
        "results/benchmarks/generate/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.tsv"
    conda:
        environment("vllm")
    threads: 8
    resources:
        gpu=engine_gpus,
        mem="8 GB",
        runtime="12h",
    params:
        code=checkpoint_code("generate.py"),
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=checkpoint_templates,
        prompt_sets=checkpoint_prompts,
        answer_tokens=config["generate"]["answer_tokens"],
        rationale_tokens=config["generate"]["rationale_tokens"],
        rationale_stop=setting("generate", "rationale_stop"),
        engine=engine_settings,
        logits_batch=config["engine"]["logits_batch"],
        folder=weights_folder,
        shard=lambda wildcards: wildcards.shard.lstrip(".") or "1-of-1",
        store=store_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/generate.py" \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --demonstrations {input.demonstrations:q} \
            --shard {params.shard} \
            --prompt-sets {params.prompt_sets:q} \
            --answer-tokens {params.answer_tokens} \
            --rationale-tokens {params.rationale_tokens} \
            --rationale-stop {params.rationale_stop:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --logits-batch {params.logits_batch} \
            --gpus {resources.gpu} \
            --store {params.store:q} \
            --costs {output.costs:q} \
            --out {output.answers:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule label:
    input:
        answers=collect(
            "results/answers/{{dataset}}/seed-{{seed}}/{{model}}/{{checkpoint}}{shard}.parquet",
            shard=layout.shards(config),
        ),
        examples=examples("test"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/test.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        parts="results/data/{dataset}/parts.parquet",
    output:
        "results/labels/{dataset}/seed-{seed}/{model}/{checkpoint}.parquet",
    log:
        "results/logs/label/{dataset}/seed-{seed}/{model}/{checkpoint}.log",
    benchmark:
        "results/benchmarks/label/{dataset}/seed-{seed}/{model}/{checkpoint}.tsv"
    conda:
        environment("base")
    params:
        code=code("label.py"),
        prompt_sets=checkpoint_prompt_names,
        order=dataset_key("order"),
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/label.py" \
            --answers {input.answers:q} \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --train {input.train:q} \
            --test {input.test:q} \
            --parts {input.parts:q} \
            --dataset {wildcards.dataset:q} \
            --model {wildcards.model:q} \
            --checkpoint {wildcards.checkpoint:q} \
            --prompt-sets {params.prompt_sets:q} \
            --order {params.order} \
            --seed {params.seed} \
            --out {output:q} \
            >{log:q} 2>&1
        """
