# Takes labels and what the stages counted; gives results/report. Programs of the whole study find its files by the
# config, since there may be thousands.


rule config:
    output:
        "results/config.json",
    log:
        "results/logs/config.log",
    localrule: True
    params:
        config=as_it_stands(canonical_json(config)),
    run:
        write_json(Path(output[0]), json.loads(params.config))


rule citations:
    # One job for all answers of a model, so that the model of natural language inference is loaded once.
    input:
        answers=model_answers,
        examples=examples("test"),
    output:
        "results/citations/{dataset}/seed-{seed}/{model}.parquet",
    log:
        "results/logs/citations/{dataset}/seed-{seed}/{model}.log",
    benchmark:
        "results/benchmarks/citations/{dataset}/seed-{seed}/{model}.tsv"
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem="48 GB",
        runtime="12h",
    params:
        code=code("citations.py"),
        pins=pins("train", "transformers", "torch", "tokenizers", "pysbd"),
        prompt_sets=lambda wildcards: canonical_json(
            {
                m: prompt_set_of(m, wildcards.dataset)
                for c in layout.checkpoints(config)
                for m in methods_of(c)
            }
        ),
        order=dataset_key("order"),
        seed=seed_of,
        setting=as_it_stands(
            canonical_json(
                {k: config["citations"][k] for k in ("model", "revision", "batch")}
            )
        ),
        content=watched.named(config, "citations", "model"),
        device=config["device"],
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/citations.py" \
            --answers {input.answers:q} \
            --examples {input.examples:q} \
            --dataset {wildcards.dataset:q} \
            --model {wildcards.model:q} \
            --prompt-sets {params.prompt_sets:q} \
            --order {params.order} \
            --seed {params.seed} \
            --setting {params.setting:q} \
            --device {params.device} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule aggregate:
    input:
        labels=collect(
            "results/labels/{{dataset}}/seed-{seed}/{{model}}/{checkpoint}.parquet",
            seed=config["seeds"],
            checkpoint=layout.checkpoints(config),
        ),
        citations=cited,
        others=compared_with,
    output:
        metrics="results/metrics/{dataset}/{model}.parquet",
        comparisons="results/metrics/{dataset}/{model}.comparisons.parquet",
    log:
        "results/logs/aggregate/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/aggregate/{dataset}/{model}.tsv"
    conda:
        environment("base")
    params:
        code=code("aggregate.py"),
        pins=pins("base", "numpy", "pandas", "scipy", "statsmodels"),
        citations=given("citations"),
        others=given("others"),
        named=setting("comparisons"),
        seed=config["seed"],
        control=config["report"]["control"],
        controls=canonical_json(layout.controls(config)),
        reference=config["report"]["reference"],
    shell:
        r"""
        python "$SCRIPTS/aggregate.py" \
            --labels {input.labels:q} \
            {params.citations} \
            {params.others} \
            --named {params.named:q} \
            --seed {params.seed} \
            --control {params.control} \
            --controls {params.controls:q} \
            --reference {params.reference} \
            --metrics {output.metrics:q} \
            --comparisons {output.comparisons:q} \
            >{log:q} 2>&1
        """


rule summarize:
    # All data sets and models in one table; p values are corrected over all comparisons of the study.
    input:
        config="results/config.json",
        metrics=of_runs(layout.metrics),
        comparisons=of_runs(layout.comparisons),
    output:
        csv=report(
            "results/report/metrics.csv",
            caption="../report/metrics.rst",
            category="Tables",
        ),
        metrics="results/report/metrics.parquet",
        comparisons="results/report/comparisons.parquet",
    log:
        "results/logs/summarize.log",
    benchmark:
        "results/benchmarks/summarize.tsv"
    conda:
        environment("base")
    params:
        code=code("summarize.py"),
        pins=pins("base", "statsmodels"),
        results=results_folder,
    shell:
        r"""
        python "$SCRIPTS/summarize.py" \
            --results {params.results:q} \
            --config {input.config:q} \
            --metrics-csv {output.csv:q} \
            --metrics {output.metrics:q} \
            --comparisons {output.comparisons:q} \
            >{log:q} 2>&1
        """


rule published_numbers:
    # Only run where the study has something in common with published figures.
    input:
        "results/report/metrics.parquet",
    output:
        csv="results/report/published.csv",
        published="results/report/published.parquet",
    log:
        "results/logs/published_numbers.log",
    benchmark:
        "results/benchmarks/published_numbers.tsv"
    conda:
        environment("base")
    params:
        code=code("published_numbers.py"),
        figures=content_of("scoring/published-numbers.csv"),
        names=canonical_json(published_counterparts()),
        control=config["report"]["control"],
    shell:
        r"""
        python "$SCRIPTS/published_numbers.py" \
            --metrics {input:q} \
            --names {params.names:q} \
            --control {params.control} \
            --out {output.published:q} \
            --csv {output.csv:q} \
            >{log:q} 2>&1
        """


rule costs:
    input:
        config="results/config.json",
        costs=names(file.path for file in layout.cost_files(RESULTS, config)),
        answers=answer_files(),
    output:
        "results/report/costs.parquet",
    log:
        "results/logs/costs.log",
    benchmark:
        "results/benchmarks/costs.tsv"
    conda:
        environment("base")
    params:
        code=code("costs.py"),
        results=results_folder,
    shell:
        r"""
        python "$SCRIPTS/costs.py" \
            --results {params.results:q} \
            --config {input.config:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule manifest:
    input:
        config="results/config.json",
        models=collect("results/models/{model}.manifest.json", model=config["models"]),
        checkpoints=of_recipes(".manifest.json"),
        data=collect(
            "results/data/{dataset}/{table}.parquet",
            dataset=config["datasets"],
            table=["questions", "corpus"],
        ),
        outcome=[
            "results/report/metrics.csv",
            "results/report/metrics.parquet",
            "results/report/comparisons.parquet",
        ],
    output:
        "results/report/manifest.json",
    log:
        "results/logs/manifest.log",
    benchmark:
        "results/benchmarks/manifest.tsv"
    conda:
        environment("base")
    params:
        code=code("manifest.py"),
        pins=" ".join(
            [
                pins("base", "snakemake", "datasets", "pandas", "pyarrow", "bm25s"),
                pins("vllm", "vllm", "torch", "transformers"),
                pins("train", "trl", "deepspeed"),
            ]
        ),
        results=results_folder,
    shell:
        r"""
        python "$SCRIPTS/manifest.py" \
            --results {params.results:q} \
            --config {input.config:q} \
            --pins {params.pins:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule report:
    input:
        config="results/config.json",
        manifest="results/report/manifest.json",
        metrics="results/report/metrics.parquet",
        comparisons="results/report/comparisons.parquet",
        costs="results/report/costs.parquet",
        published=published_tables(),
        tables=names(report_files.of_study(RESULTS, config).paths()),
    output:
        page=report(
            "results/report/index.html",
            caption="../report/index.rst",
            category="Report",
        ),
        browser="results/report/examples.html",
        pieces=directory("results/report/examples"),
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    conda:
        environment("base")
    params:
        code=code("report.py"),
        page=report_content(),
        pins=pins(
            "base", "altair", "vl-convert-python", "jinja2", "pandas", "statsmodels"
        ),
        results=results_folder,
    shell:
        r"""
        python "$SCRIPTS/report.py" \
            --results {params.results:q} \
            --config {input.config:q} \
            --out {output.page:q} \
            --examples-out {output.browser:q} \
            --examples-folder {output.pieces:q} \
            >{log:q} 2>&1
        """
