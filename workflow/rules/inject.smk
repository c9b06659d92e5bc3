# Takes questions and what was retrieved for them; gives the examples of all conditions, and where their evidence lies.


rule conditions:
    # As a file, since a study may have thousands.
    output:
        "results/conditions/{split}.json",
    log:
        "results/logs/conditions/{split}.log",
    localrule: True
    params:
        conditions=lambda wildcards: canonical_json(conditions_of(wildcards.split)),
    run:
        write_json(Path(output[0]), json.loads(params.conditions))


rule counters:
    # Every draw that is made by rule: one for each kind, and one for each model whose memory it contradicts.
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        conditions="results/conditions/{split}.json",
        recall=contradicted_memories,
        candidates=weighed_candidates,
        shipped=shipped_counters,
    output:
        counters="results/counters/{dataset}/seed-{seed}/{split}/rules.parquet",
        rejected="results/counters/{dataset}/seed-{seed}/{split}/rules.rejected.parquet",
    log:
        "results/logs/counters/{dataset}/seed-{seed}/{split}.log",
    benchmark:
        "results/benchmarks/counters/{dataset}/seed-{seed}/{split}.tsv"
    conda:
        environment("base")
    params:
        code=injection_code("counters.py"),
        recall=memories,
        candidates=weighed,
        shipped=given("shipped"),
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/counters.py" \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --retrieved {input.retrieved:q} \
            --conditions {input.conditions:q} \
            {params.recall} {params.candidates} {params.shipped} \
            --seed {params.seed} \
            --out {output.counters:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule weigh_candidates:
    # What a model finds likely without passages. Only run where a condition has `counter_answer: plausible`.
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=general_prompt_files,
    output:
        candidates="results/candidates/{dataset}/seed-{seed}/{model}/{split}.parquet",
        costs="results/candidates/{dataset}/seed-{seed}/{model}/{split}.costs.json",
    log:
        "results/logs/weigh_candidates/{dataset}/seed-{seed}/{model}/{split}.log",
    benchmark:
        "results/benchmarks/weigh_candidates/{dataset}/seed-{seed}/{model}/{split}.tsv"
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem=asking_memory,
    params:
        code=code("weigh_candidates.py"),
        pins=pins("train", "transformers", "torch"),
        templates=lambda wildcards: templates(
            general_prompt_set(wildcards), "closed-book"
        ),
        prompt_set=general_prompts,
        device=config["device"],
        dtype=config["engine"]["dtype"],
        folder=weights_folder,
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/weigh_candidates.py" \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --prompt-set {params.prompt_set:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --device {params.device} \
            --dtype {params.dtype} \
            --gpus {resources.gpu} \
            --seed {params.seed} \
            --out {output.candidates:q} \
            --costs {output.costs:q} \
            >{log:q} 2>&1
        """


rule write_counters:
    # The draws whose passages a model writes: the only injection that starts an engine.
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        conditions="results/conditions/{split}.json",
        recall=writers_memory,
        candidates=writers_candidates,
        manifest="results/models/{model}.manifest.json",
    output:
        counters="results/counters/{dataset}/seed-{seed}/{split}/{model}.parquet",
        rejected="results/counters/{dataset}/seed-{seed}/{split}/{model}.rejected.parquet",
        costs="results/counters/{dataset}/seed-{seed}/{split}/{model}.costs.json",
    log:
        "results/logs/write_counters/{dataset}/seed-{seed}/{split}/{model}.log",
    benchmark:
        "results/benchmarks/write_counters/{dataset}/seed-{seed}/{split}/{model}.tsv"
    conda:
        environment("vllm")
    threads: engine_threads
    resources:
        gpu=engine_gpus,
        mem=asking_memory,
    params:
        code=injection_code("write_counters.py"),
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=templates("ours", "counter-memory"),
        prompt_set="ours",  # a published set says nothing of counter-passages
        max_tokens=config["counters"]["passage_tokens"],
        recall=given("recall"),
        candidates=given("candidates"),
        seed=seed_of,
        engine=engine_settings,
        folder=weights_folder,
        store=store_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/write_counters.py" \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --conditions {input.conditions:q} \
            --model-name {wildcards.model:q} \
            {params.recall} {params.candidates} \
            --prompt-set {params.prompt_set} \
            --max-tokens {params.max_tokens} \
            --seed {params.seed} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --gpus {resources.gpu} \
            --store {params.store:q} \
            --costs {output.costs:q} \
            --out {output.counters:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule inject:
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        counters=all_counters,
        conditions="results/conditions/{split}.json",
        corpus=scoring_corpus,
    output:
        examples="results/examples/{dataset}/seed-{seed}/{split}.parquet",
        rejected="results/examples/{dataset}/seed-{seed}/{split}.rejected.parquet",
    log:
        "results/logs/inject/{dataset}/seed-{seed}/{split}.log",
    benchmark:
        "results/benchmarks/inject/{dataset}/seed-{seed}/{split}.tsv"
    conda:
        environment("base")
    params:
        code=injection_code("inject.py"),
        pins=pins("base", "bm25s"),
        passages=dataset_key("passages"),
        order=dataset_key("order"),
        strict=config["gates"]["strict"],
        corpus=given("corpus"),
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/inject.py" \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --retrieved {input.retrieved:q} \
            --counters {input.counters:q} \
            --conditions {input.conditions:q} \
            {params.corpus} \
            --split {wildcards.split} \
            --passages {params.passages} \
            --order {params.order} \
            --strict {params.strict} \
            --seed {params.seed} \
            --out {output.examples:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule entail:
    # What a model of natural language inference lets pass. Only run where `gates.nli` names one.
    input:
        "results/examples/{dataset}/seed-{seed}/{split}.parquet",
    output:
        examples="results/examples/{dataset}/seed-{seed}/{split}.entailed.parquet",
        rejected="results/examples/{dataset}/seed-{seed}/{split}.entailed.rejected.parquet",
    log:
        "results/logs/entail/{dataset}/seed-{seed}/{split}.log",
    benchmark:
        "results/benchmarks/entail/{dataset}/seed-{seed}/{split}.tsv"
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem="16 GB",
        runtime="12h",
    params:
        code=code("entail.py"),
        pins=pins("train", "transformers", "torch"),
        nli=as_it_stands(canonical_json(config["gates"].get("nli"))),
        content=watched.named(config, "gates", "nli"),
        device=config["device"],
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/entail.py" \
            --examples {input:q} \
            --nli {params.nli:q} \
            --device {params.device} \
            --out {output.examples:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule evidence:
    input:
        examples=examples("{split}"),
        recall="results/recall/{dataset}/{model}.parquet",
    output:
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/{split}.parquet",
        rejected="results/evidence/{dataset}/seed-{seed}/{model}/{split}.rejected.parquet",
    log:
        "results/logs/evidence/{dataset}/seed-{seed}/{model}/{split}.log",
    benchmark:
        "results/benchmarks/evidence/{dataset}/seed-{seed}/{model}/{split}.tsv"
    conda:
        environment("base")
    params:
        code=code("evidence.py"),
        asked=memory_asked,
        states=dataset_key("evidence_states"),
    shell:
        r"""
        python "$SCRIPTS/evidence.py" \
            --examples {input.examples:q} \
            --recall {input.recall:q} \
            --asked {params.asked} \
            --states {params.states} \
            --out {output.evidence:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """
