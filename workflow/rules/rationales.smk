# Takes gated training examples and their evidence; gives rationales and demonstrations.


rule rationales:
    input:
        examples=training_files(
            "results/examples/{dataset}/train/{condition}/gated.parquet"
        ),
        evidence=training_files(
            "results/evidence/{dataset}/{model}/train/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=lambda wildcards: prompt_files(general_prompt_set(wildcards)),
    output:
        accepted="results/rationales/{dataset}/{model}/self.parquet",
        rejected="results/rationales/{dataset}/{model}/self.rejected.parquet",
        costs="results/rationales/{dataset}/{model}/self.costs.json",
    log:
        "results/logs/rationales/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/rationales/{dataset}/{model}.tsv"
    conda:
        environment("vllm")
    threads: 8
    resources:
        gpu=engine_gpus,
        mem="8 GB",
    params:
        code=code("rationales.py"),
        source="self",
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=lambda wildcards: templates(
            general_prompt_set(wildcards), *RATIONALE_TEMPLATES
        ),
        prompt_set=lambda wildcards: prompts_of(
            general_prompt_set(wildcards), wildcards
        ),
        styles=setting("rationales", "styles"),
        minimum=config["rationales"]["minimum_accepted"],
        writing=canonical_json(
            {
                **{
                    k: config["rationales"][k]
                    for k in ("max_tokens", "stop", "max_attempts", "temperature")
                },
                "seed": config["seed"],
            }
        ),
        engine=engine_settings,
        folder=lambda wildcards, input: input.manifest.removesuffix(".manifest.json"),
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/rationales.py \
            --source {params.source} \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --styles {params.styles:q} \
            --minimum-accepted {params.minimum} \
            --prompt-set {params.prompt_set} \
            --writing {params.writing:q} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --gpus {resources.gpu} \
            --store results/store \
            --costs {output.costs:q} \
            --out {output.accepted:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


use rule rationales as ablated_rationales with:
    # InstructRAG's ablations: the writer does not see the gold answers, or not the documents.
    output:
        accepted="results/rationales/{dataset}/{model}/{ablated}.parquet",
        rejected="results/rationales/{dataset}/{model}/{ablated}.rejected.parquet",
        costs="results/rationales/{dataset}/{model}/{ablated}.costs.json",
    log:
        "results/logs/rationales/{dataset}/{model}.{ablated}.log",
    benchmark:
        "results/benchmarks/rationales/{dataset}/{model}.{ablated}.tsv"
    wildcard_constraints:
        ablated="without-answers|without-documents",
    params:
        source=lambda wildcards: wildcards.ablated,
        templates=lambda wildcards: templates(
            general_prompt_set(wildcards), "instructrag", *RATIONALE_TEMPLATES
        ),


rule template_rationales:
    input:
        examples=training_files(
            "results/examples/{dataset}/train/{condition}/gated.parquet"
        ),
        evidence=training_files(
            "results/evidence/{dataset}/{model}/train/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
    output:
        accepted="results/rationales/{dataset}/{model}/template.parquet",
        rejected="results/rationales/{dataset}/{model}/template.rejected.parquet",
    log:
        "results/logs/template_rationales/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/template_rationales/{dataset}/{model}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("rationales.py"),
        source="--source template",
        styles=setting("rationales", "styles"),
    shell:
        r"""
        python workflow/scripts/rationales.py \
            {params.source} \
            --examples {input.examples:q} \
            --evidence {input.evidence:q} \
            --recall {input.recall:q} \
            --styles {params.styles:q} \
            --out {output.accepted:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


use rule template_rationales as shipped_rationales with:
    input:
        examples=training_files(
            "results/examples/{dataset}/train/{condition}/gated.parquet"
        ),
        evidence=training_files(
            "results/evidence/{dataset}/{model}/train/{condition}.parquet"
        ),
        recall="results/recall/{dataset}/{model}.parquet",
        shipped="results/data/{dataset}/rationales.parquet",
    output:
        accepted="results/rationales/{dataset}/{model}/shipped.parquet",
        rejected="results/rationales/{dataset}/{model}/shipped.rejected.parquet",
    log:
        "results/logs/shipped_rationales/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/shipped_rationales/{dataset}/{model}.tsv"
    params:
        source=lambda wildcards, input: f"--source shipped --shipped {input.shipped}",


rule demonstrations:
    input:
        rationales=demonstrated_rationales(),
        shipped=(
            "results/data/{dataset}/demonstrations.json"
            if config["demonstrations"]["source"] == "shipped"
            else []
        ),
        ablations=[
            f"results/rationales/{{dataset}}/{{model}}/{source}.parquet"
            for source in methods.sources(asked_methods())
        ],
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
    output:
        "results/demonstrations/{dataset}/{model}.json",
    log:
        "results/logs/demonstrations/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/demonstrations/{dataset}/{model}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("demonstrations.py"),
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/demonstrations.py \
            --rationales {input.rationales:q} \
            --shipped {input.shipped:q} \
            --ablations {input.ablations:q} \
            --train {input.train:q} \
            --test {input.test:q} \
            --seed {params.seed} \
            --out {output:q} \
            >{log:q} 2>&1
        """
