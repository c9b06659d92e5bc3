# Takes questions and what was retrieved for them; gives gated examples under each condition.


rule counters:
    # One draw for each kind of the conditions; and one for each model whose memory is contradicted by it.
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        recall=contradicted_memory,
        shipped=shipped_counters,
    output:
        counters="results/counters/{dataset}/{split}/{draw}.parquet",
        rejected="results/counters/{dataset}/{split}/{draw}.rejected.parquet",
    log:
        "results/logs/counters/{dataset}/{split}/{draw}.log",
    benchmark:
        "results/benchmarks/counters/{dataset}/{split}/{draw}.tsv"
    wildcard_constraints:
        draw=one_of(draws(written=False)),
    conda:
        "../../envs/base.yaml"
    params:
        code=lambda wildcards: code(
            "counters.py",
            f"interexter/injection/injectors/{injectors.file_of(draw_kind(wildcards))}",
        ),
        kind=draw_kind,
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/counters.py \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --retrieved {input.retrieved:q} \
            $(test -z "{input.recall}" || echo --recall {input.recall:q}) \
            $(test -z "{input.shipped}" || echo --shipped {input.shipped:q}) \
            --kind {params.kind} \
            --seed {params.seed} \
            --out {output.counters:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule write_counters:
    # The same for the kinds whose passages a model writes: the only injection that starts an engine.
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        recall=contradicted_memory,
        manifest=lambda wildcards: f"results/models/{draw_of(wildcards)['model']}.manifest.json",
    output:
        counters="results/counters/{dataset}/{split}/{draw}.parquet",
        rejected="results/counters/{dataset}/{split}/{draw}.rejected.parquet",
        costs="results/counters/{dataset}/{split}/{draw}.costs.json",
    log:
        "results/logs/counters/{dataset}/{split}/{draw}.log",
    benchmark:
        "results/benchmarks/counters/{dataset}/{split}/{draw}.tsv"
    wildcard_constraints:
        draw=one_of(draws(written=True)),
    conda:
        environment("vllm")
    threads: 8
    resources:
        gpu=lambda wildcards: gpus(tensor_parallel(draw_of(wildcards)["model"])),
        mem="8 GB",
    params:
        code=code("write_counters.py"),
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=templates("ours", "counter-memory"),
        prompt_set="ours",  # a published set says nothing of counter-passages
        max_tokens=config["counters"]["passage_tokens"],
        kind=draw_kind,
        seed=config["seed"],
        engine=lambda wildcards: engine_of(draw_of(wildcards)["model"]),
        folder=lambda wildcards, input: input.manifest.removesuffix(".manifest.json"),
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/write_counters.py \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            $(test -z "{input.recall}" || echo --recall {input.recall:q}) \
            --kind {params.kind} \
            --prompt-set {params.prompt_set} \
            --max-tokens {params.max_tokens} \
            --seed {params.seed} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --gpus {resources.gpu} \
            --store results/store \
            --costs {output.costs:q} \
            --out {output.counters:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule score_counters:
    # What BM25 would have given each counter-passage, for conditions that place it by that.
    input:
        counters="results/counters/{dataset}/{split}/{draw}.parquet",
        questions="results/data/{dataset}/{split}.parquet",
        corpus="results/data/{dataset}/corpus.parquet",
    output:
        "results/scored/{dataset}/{split}/{draw}.parquet",
    log:
        "results/logs/score_counters/{dataset}/{split}/{draw}.log",
    benchmark:
        "results/benchmarks/score_counters/{dataset}/{split}/{draw}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("score_counters.py"),
        pins=pins("base", "bm25s"),
    shell:
        r"""
        python workflow/scripts/score_counters.py \
            --counters {input.counters:q} \
            --questions {input.questions:q} \
            --corpus {input.corpus:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule compose:
    input:
        questions="results/data/{dataset}/{split}.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        counters=composed_counters,
    output:
        composed="results/examples/{dataset}/{split}/{condition}/composed.parquet",
        rejected="results/examples/{dataset}/{split}/{condition}/composed.rejected.parquet",
    log:
        "results/logs/compose/{dataset}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/compose/{dataset}/{split}/{condition}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("compose.py"),
        options=lambda wildcards: options(
            {
                **config["datasets"][wildcards.dataset],
                **condition_of(wildcards),
            },
            *("count", "supporting", "position", "sources", "order", "passages"),
        ),
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/compose.py \
            --questions {input.questions:q} \
            --retrieved {input.retrieved:q} \
            --counters {input.counters:q} \
            --condition {wildcards.condition} \
            {params.options} \
            --seed {params.seed} \
            --out {output.composed:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


JUDGED = config["gates"].get("nli")  # by a model of natural language inference


rule gate:
    input:
        examples="results/examples/{dataset}/{split}/{condition}/composed.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        counters=composed_counters,
        all_questions="results/data/{dataset}/questions.parquet",
    output:
        gated="results/examples/{dataset}/{split}/{condition}/gated.parquet",
        rejected="results/examples/{dataset}/{split}/{condition}/gated.rejected.parquet",
    log:
        "results/logs/gate/{dataset}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/gate/{dataset}/{split}/{condition}.tsv"
    conda:
        environment("train") if JUDGED else "../../envs/base.yaml"
    resources:
        gpu=gpus(1) if JUDGED else 0,
    params:
        code=lambda wildcards: code(
            "gate.py",
            f"interexter/injection/injectors/{injectors.file_of(condition_of(wildcards)['kind'])}",
        ),
        options=lambda wildcards: options(
            condition_of(wildcards), "count", "supporting"
        ),
        strict=config["gates"]["strict"],
        wrapped=lambda wildcards, resources: (
            f"python workflow/scripts/with_gpus.py {resources.gpu} --"
            if JUDGED
            else ""
        ),
        nli=(
            f"--nli {quote(canonical_json(JUDGED))} --device {config['device']}"
            if JUDGED
            else ""
        ),
        pins=pins("train", "transformers", "torch") if JUDGED else "",
    shell:
        r"""
        {params.wrapped} python workflow/scripts/gate.py \
            --examples {input.examples:q} \
            --retrieved {input.retrieved:q} \
            --counters {input.counters:q} \
            --all-questions {input.all_questions:q} \
            --split {wildcards.split} \
            {params.options} \
            --strict {params.strict} {params.nli} \
            --out {output.gated:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule evidence:
    input:
        examples="results/examples/{dataset}/{split}/{condition}/gated.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
    output:
        evidence="results/evidence/{dataset}/{model}/{split}/{condition}.parquet",
        rejected="results/evidence/{dataset}/{model}/{split}/{condition}.rejected.parquet",
    log:
        "results/logs/evidence/{dataset}/{model}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/evidence/{dataset}/{model}/{split}/{condition}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("evidence.py"),
    shell:
        r"""
        python workflow/scripts/evidence.py \
            --examples {input.examples:q} \
            --recall {input.recall:q} \
            --out {output.evidence:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """
