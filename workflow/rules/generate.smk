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
        prompts=(
            "results/answers/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.prompts.parquet"
            if config["generate"]["keep_prompts"]
            else []
        ),
    log:
        "results/logs/generate/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.log",
    benchmark:
        "results/benchmarks/generate/{dataset}/seed-{seed}/{model}/{checkpoint}{shard}.tsv"
    wildcard_constraints:
        checkpoint=one_of(layout.answering(config)),
    conda:
        environment("vllm")
    threads: engine_threads
    resources:
        gpu=engine_gpus,
        mem=asking_memory,
        runtime="12h",
    params:
        code=checkpoint_code("generate.py"),
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=checkpoint_templates,
        prompt_sets=checkpoint_prompts,
        answer_tokens=config["generate"]["answer_tokens"],
        rationale_tokens=config["generate"]["rationale_tokens"],
        rationale_stop=as_it_stands(setting("generate", "rationale_stop")),
        engine=engine_settings,
        logits_batch=config["engine"]["logits_batch"],
        folder=weights_folder,
        shard=lambda wildcards: wildcards.shard.lstrip(".") or "1-of-1",
        store=store_folder,
        kept=lambda wildcards, output: option("--prompts", output.prompts),
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
            {params.kept} \
            >{log:q} 2>&1
        """


rule gate:
    # The closed-book answer where the base model finds an answer implausible. Only run where `plausibility_gate` has methods.
    input:
        answers=checkpoint_answers,
        recall="results/recall/{dataset}/{model}.parquet",
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        manifest="results/models/{model}.manifest.json",
    output:
        answers="results/gated/{dataset}/seed-{seed}/{model}/{checkpoint}.parquet",
        costs="results/gated/{dataset}/seed-{seed}/{model}/{checkpoint}.costs.json",
    log:
        "results/logs/gate/{dataset}/seed-{seed}/{model}/{checkpoint}.log",
    benchmark:
        "results/benchmarks/gate/{dataset}/seed-{seed}/{model}/{checkpoint}.tsv"
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem=asking_memory,
        runtime="12h",
    params:
        code=code("gate.py"),
        pins=pins("train", "transformers", "torch"),
        methods=lambda wildcards: layout.gated_methods(config, wildcards.checkpoint),
        quantiles=setting("plausibility_gate", "quantiles"),
        shots=config["plausibility_gate"]["shots"],
        device=config["device"],
        dtype=config["engine"]["dtype"],
        folder=weights_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/gate.py" \
            --answers {input.answers:q} \
            --recall {input.recall:q} \
            --train {input.train:q} \
            --test {input.test:q} \
            --methods {params.methods} \
            --quantiles {params.quantiles:q} \
            --shots {params.shots} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --device {params.device} \
            --dtype {params.dtype} \
            --gpus {resources.gpu} \
            --out {output.answers:q} \
            --costs {output.costs:q} \
            >{log:q} 2>&1
        """


rule export_questions:
    # What another system needs to answer. Only run where a person asks for it: `make export-questions`.
    input:
        examples=examples("test"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/test.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        demonstrations="results/demonstrations/{dataset}/seed-{seed}/{model}.json",
        prompts=lambda wildcards: prompt_files(
            prompt_set_of(wildcards.method, wildcards.dataset)
        ),
    output:
        "results/questions/{dataset}/seed-{seed}/{model}/{method}.jsonl",
    log:
        "results/logs/export_questions/{dataset}/seed-{seed}/{model}/{method}.log",
    benchmark:
        "results/benchmarks/export_questions/{dataset}/seed-{seed}/{model}/{method}.tsv"
    wildcard_constraints:
        method=one_of(methods.names()),
    conda:
        environment("base")
    params:
        code=lambda wildcards: code(
            "export_questions.py", method_file(wildcards.method)
        ),
        templates=lambda wildcards: method_templates(
            wildcards.method, wildcards.dataset
        ),
        prompt_set=lambda wildcards, input: opened_by(
            prompt_set_of(wildcards.method, wildcards.dataset), input
        ),
        answer_tokens=config["generate"]["answer_tokens"],
        rationale_tokens=config["generate"]["rationale_tokens"],
        rationale_stop=as_it_stands(setting("generate", "rationale_stop")),
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/export_questions.py" \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --demonstrations {input.demonstrations:q} \
            --method {wildcards.method:q} \
            --prompt-set {params.prompt_set:q} \
            --answer-tokens {params.answer_tokens} \
            --rationale-tokens {params.rationale_tokens} \
            --rationale-stop {params.rationale_stop:q} \
            --seed {params.seed} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule take_answers:
    # Those that another system gave, from a file of the user's.
    input:
        examples=examples("test"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/test.parquet",
        file=lambda wildcards: config["answers"][wildcards.system]["files"][
            wildcards.dataset
        ],
    output:
        answers="results/answers/{dataset}/seed-{seed}/{model}/{system}.parquet",
        rejected="results/answers/{dataset}/seed-{seed}/{model}/{system}.rejected.parquet",
    log:
        "results/logs/take_answers/{dataset}/seed-{seed}/{model}/{system}.log",
    benchmark:
        "results/benchmarks/take_answers/{dataset}/seed-{seed}/{model}/{system}.tsv"
    wildcard_constraints:
        system=one_of(config["answers"]),
    conda:
        environment("base")
    params:
        code=code("take_answers.py"),
        pins=pins("base", "ijson"),
        method=lambda wildcards: methods_of(wildcards.system)[0],
        asked=lambda wildcards: config["answers"][wildcards.system]["asked"],
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/take_answers.py" \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --file {input.file:q} \
            --method {params.method:q} \
            --asked {params.asked} \
            --seed {params.seed} \
            --out {output.answers:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule label:
    input:
        answers=checkpoint_answers,
        gated=gated_answers,
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
            --answers {input.answers:q} {input.gated:q} \
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
