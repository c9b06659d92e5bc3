# Takes training examples and their evidence; gives rationales and demonstrations.


rule rationales:
    input:
        examples=examples("train"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/train.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        parts="results/data/{dataset}/parts.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=general_prompt_files,
    output:
        accepted="results/rationales/{dataset}/seed-{seed}/{model}/self.parquet",
        rejected="results/rationales/{dataset}/seed-{seed}/{model}/self.rejected.parquet",
        costs="results/rationales/{dataset}/seed-{seed}/{model}/self.costs.json",
    log:
        "results/logs/rationales/{dataset}/seed-{seed}/{model}.log",
    benchmark:
        "results/benchmarks/rationales/{dataset}/seed-{seed}/{model}.tsv"
    conda:
        environment("vllm")
    threads: engine_threads
    resources:
        gpu=engine_gpus,
        mem=asking_memory,
    params:
        code=code("rationales.py"),
        source="self",
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=rationale_templates(),
        prompt_set=general_prompts,
        styles=setting("rationales", "styles"),
        minimum=config["rationales"]["minimum_accepted"],
        writing=writing_settings,
        engine=engine_settings,
        folder=weights_folder,
        store=store_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/rationales.py" \
            --source {params.source} \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --parts {input.parts:q} \
            --styles {params.styles:q} \
            --minimum-accepted {params.minimum} \
            --prompt-set {params.prompt_set:q} \
            --writing {params.writing:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --gpus {resources.gpu} \
            --store {params.store:q} \
            --costs {output.costs:q} \
            --out {output.accepted:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


use rule rationales as ablated_rationales with:
    # InstructRAG's ablations: the writer does not see the gold answers, or not the documents.
    output:
        accepted="results/rationales/{dataset}/seed-{seed}/{model}/{ablated}.parquet",
        rejected="results/rationales/{dataset}/seed-{seed}/{model}/{ablated}.rejected.parquet",
        costs="results/rationales/{dataset}/seed-{seed}/{model}/{ablated}.costs.json",
    log:
        "results/logs/rationales/{dataset}/seed-{seed}/{model}.{ablated}.log",
    benchmark:
        "results/benchmarks/rationales/{dataset}/seed-{seed}/{model}.{ablated}.tsv"
    wildcard_constraints:
        ablated="without-answers|without-documents",
    params:
        source=lambda wildcards: wildcards.ablated,
        templates=rationale_templates("instructrag"),


rule template_rationales:
    input:
        examples=examples("train"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/train.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
    output:
        accepted="results/rationales/{dataset}/seed-{seed}/{model}/template.parquet",
        rejected="results/rationales/{dataset}/seed-{seed}/{model}/template.rejected.parquet",
    log:
        "results/logs/template_rationales/{dataset}/seed-{seed}/{model}.log",
    benchmark:
        "results/benchmarks/template_rationales/{dataset}/seed-{seed}/{model}.tsv"
    conda:
        environment("base")
    params:
        code=code("template_rationales.py"),
        styles=setting("rationales", "styles"),
        shipped=given("shipped"),
    shell:
        r"""
        python "$SCRIPTS/template_rationales.py" \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --styles {params.styles:q} \
            {params.shipped} \
            --out {output.accepted:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


use rule template_rationales as shipped_rationales with:
    # Those that the data set itself has.
    input:
        examples=examples("train"),
        evidence="results/evidence/{dataset}/seed-{seed}/{model}/train.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
        shipped="results/data/{dataset}/rationales.parquet",
    output:
        accepted="results/rationales/{dataset}/seed-{seed}/{model}/shipped.parquet",
        rejected="results/rationales/{dataset}/seed-{seed}/{model}/shipped.rejected.parquet",
    log:
        "results/logs/shipped_rationales/{dataset}/seed-{seed}/{model}.log",
    benchmark:
        "results/benchmarks/shipped_rationales/{dataset}/seed-{seed}/{model}.tsv"


rule demonstrations:
    input:
        rationales=demonstrated_rationales(),
        shipped=(
            "results/data/{dataset}/demonstrations.json"
            if config["demonstrations"]["source"] == "shipped"
            else []
        ),
        ablations=[
            f"results/rationales/{{dataset}}/seed-{{seed}}/{{model}}/{source}.parquet"
            for source in methods.sources(asked_methods())
        ],
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
    output:
        "results/demonstrations/{dataset}/seed-{seed}/{model}.json",
    log:
        "results/logs/demonstrations/{dataset}/seed-{seed}/{model}.log",
    benchmark:
        "results/benchmarks/demonstrations/{dataset}/seed-{seed}/{model}.tsv"
    conda:
        environment("base")
    params:
        code=code("demonstrations.py"),
        shipped=given("shipped"),
        ablations=given("ablations"),
        seed=seed_of,
    shell:
        r"""
        python "$SCRIPTS/demonstrations.py" \
            --rationales {input.rationales:q} \
            {params.shipped} {params.ablations} \
            --train {input.train:q} \
            --test {input.test:q} \
            --seed {params.seed} \
            --out {output:q} \
            >{log:q} 2>&1
        """
