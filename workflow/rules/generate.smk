# Takes gated test examples and checkpoints; gives generations, answers and labels.


rule tasks:
    # What a method asks with is among the parameters here too: Snakemake does not look at the parameters of `answers`
    # where `generate`, whose output it takes as `ancient`, is to run; so tasks carry the change to both.
    input:
        examples=block_files(
            "results/examples/{dataset}/test/{condition}/gated.parquet"
        ),
        evidence=block_files(
            "results/evidence/{dataset}/{model}/test/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
        prompts=method_prompt_files(),
    output:
        tasks="results/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet",
        rejected="results/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.rejected.parquet",
    log:
        "results/logs/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.log",
    benchmark:
        "results/benchmarks/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.tsv"
    wildcard_constraints:
        block=one_of(blocks()),  # here alone, since answers and labels need tasks
    conda:
        "../../envs/base.yaml"
    params:
        code=code("tasks.py"),
        asked=asked_with,
    shell:
        r"""
        python workflow/scripts/tasks.py \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --method {wildcards.method} \
            --out {output.tasks:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule generate:
    input:
        tasks=lambda wildcards: collect(
            "results/tasks/{{dataset}}/{{model}}/{{checkpoint}}/{method}/{block}.parquet",
            method=methods_of(wildcards.checkpoint),
            block=blocks(),
        ),
        demonstrations="results/demonstrations/{dataset}/{model}.json",
        manifest=weights,
        prompts=lambda wildcards: prompt_files(
            *(
                prompt_set_of(m, wildcards.dataset)
                for m in methods_of(wildcards.checkpoint)
            )
        ),
    output:
        generations="results/generations/{dataset}/{model}/{checkpoint}{shard}.parquet",
        costs="results/generations/{dataset}/{model}/{checkpoint}{shard}.costs.json",
    log:
        "results/logs/generate/{dataset}/{model}/{checkpoint}{shard}.log",
    benchmark:
        "results/benchmarks/generate/{dataset}/{model}/{checkpoint}{shard}.tsv"
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
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/generate.py \
            --tasks {input.tasks:q} \
            --shard {params.shard} \
            --demonstrations {input.demonstrations:q} \
            --prompt-sets {params.prompt_sets:q} \
            --answer-tokens {params.answer_tokens} \
            --rationale-tokens {params.rationale_tokens} \
            --rationale-stop {params.rationale_stop:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --logits-batch {params.logits_batch} \
            --gpus {resources.gpu} \
            --store results/store \
            --costs {output.costs:q} \
            --out {output.generations:q} \
            >{log:q} 2>&1
        """


rule answers:
    # The generations are `ancient`: a new condition adds to them and changes none that are there. What
    # could change one (code, templates, engine) is among the parameters.
    input:
        tasks="results/tasks/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet",
        demonstrations="results/demonstrations/{dataset}/{model}.json",
        manifest=weights,
        prompts=method_prompt_files(),
        generations=ancient(
            shard_files(
                "results/generations/{dataset}/{model}/{checkpoint}{shard}.parquet"
            )
        ),
    output:
        answers="results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet",
        rejected="results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.rejected.parquet",
    log:
        "results/logs/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.log",
    benchmark:
        "results/benchmarks/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("answers.py"),  # the method's own module is in `asked`
        asked=asked_with,
        prompt_sets=method_prompts,
        answer_tokens=config["generate"]["answer_tokens"],
        rationale_tokens=config["generate"]["rationale_tokens"],
        rationale_stop=setting("generate", "rationale_stop"),
    shell:
        r"""
        python workflow/scripts/answers.py \
            --tasks {input.tasks:q} \
            --demonstrations {input.demonstrations:q} \
            --generations {input.generations:q} \
            --prompt-sets {params.prompt_sets:q} \
            --answer-tokens {params.answer_tokens} \
            --rationale-tokens {params.rationale_tokens} \
            --rationale-stop {params.rationale_stop:q} \
            --out {output.answers:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule label:
    input:
        answers="results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet",
        examples=block_files(
            "results/examples/{dataset}/test/{condition}/gated.parquet"
        ),
        evidence=block_files(
            "results/evidence/{dataset}/{model}/test/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
        parts="results/data/{dataset}/parts.parquet",
    output:
        "results/labels/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet",
    log:
        "results/logs/label/{dataset}/{model}/{checkpoint}/{method}/{block}.log",
    benchmark:
        "results/benchmarks/label/{dataset}/{model}/{checkpoint}/{method}/{block}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("label.py"),
        options=lambda wildcards: options(
            {
                **config["datasets"][wildcards.dataset],
                "prompt-set": prompt_set_of(wildcards.method, wildcards.dataset),
            },
            *("prompt-set", "order"),
        ),
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/label.py \
            --answers {input.answers:q} \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --parts {input.parts:q} \
            --dataset {wildcards.dataset} \
            --model {wildcards.model} \
            --checkpoint {wildcards.checkpoint} \
            --method {wildcards.method} \
            {params.options} \
            --seed {params.seed} \
            --out {output:q} \
            >{log:q} 2>&1
        """
