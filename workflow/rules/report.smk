# Takes labels and what the stages counted; gives results/report.


rule series:
    # Of a job behind one that is to run, Snakemake does not look at inputs that are gone, and a condition less plans
    # `generate`. This job has none before it: its parameter plans it, and what reads all answers in the same run.
    output:
        "results/series/{dataset}/{model}.json",
    log:
        "results/logs/series/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/series/{dataset}/{model}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("series.py"),
        series=asked_series,
    shell:
        r"""
        python workflow/scripts/series.py \
            --series {params.series:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule citations:
    # One job for all answers of a model, so that the model of natural language inference is loaded once.
    input:
        series="results/series/{dataset}/{model}.json",
        answers=lambda wildcards: [
            path
            for path in answered_files(
                "results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
            )
            if path.startswith(
                f"results/answers/{wildcards.dataset}/{wildcards.model}/"
            )
            and "/closed-book/" not in path
        ],
        examples=collect(
            "results/examples/{{dataset}}/test/{condition}/gated.parquet",
            condition=config["test"]["conditions"],
        ),
    output:
        "results/citations/{dataset}/{model}.parquet",
    log:
        "results/logs/citations/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/citations/{dataset}/{model}.tsv"
    conda:
        environment("train")
    threads: 8
    resources:
        gpu=gpus(1),
        mem="48 GB",
        runtime="12h",
    params:
        code=code("citations.py"),
        pins=pins("train", "transformers", "torch", "tokenizers"),
        prompt_sets=lambda wildcards: canonical_json(
            {m: prompt_set_of(m, wildcards.dataset) for m in asked_methods()}
        ),
        order=dataset_key("order"),
        seed=config["seed"],
        setting=canonical_json(
            {k: config["citations"][k] for k in ("model", "revision", "batch")}
        ),
        device=config["device"],
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/citations.py \
            --answers {input.answers:q} \
            --examples {input.examples:q} \
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
        series=collect(
            "results/series/{dataset}/{model}.json",
            dataset=config["datasets"],
            model=config["models"],
        ),
        labels=answered_files(
            "results/labels/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
        ),
        citations=collect(
            "results/citations/{dataset}/{model}.parquet",
            dataset=config["citations"]["datasets"],
            model=config["models"],
        ),
    output:
        csv="results/report/metrics.csv",
        metrics="results/report/metrics.parquet",
        comparisons="results/report/comparisons.parquet",
    log:
        "results/logs/aggregate.log",
    benchmark:
        "results/benchmarks/aggregate.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("aggregate.py"),
        pins=pins("base", "numpy"),
        seed=config["seed"],
        control=config["report"]["control"],
        reference=config["report"]["reference"],
    shell:
        r"""
        python workflow/scripts/aggregate.py \
            --series {input.series:q} \
            --labels {input.labels:q} \
            --citations {input.citations:q} \
            --seed {params.seed} \
            --control {params.control} \
            --reference {params.reference} \
            --metrics-csv {output.csv:q} \
            --metrics {output.metrics:q} \
            --comparisons {output.comparisons:q} \
            >{log:q} 2>&1
        """


rule published_numbers:
    input:
        metrics="results/report/metrics.parquet",
        figures="workflow/scripts/interexter/scoring/published-numbers.csv",
    output:
        csv="results/report/published.csv",
        published="results/report/published.parquet",
    log:
        "results/logs/published_numbers.log",
    benchmark:
        "results/benchmarks/published_numbers.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("published_numbers.py"),
        names=canonical_json(published_counterparts()),
        control=config["report"]["control"],
    shell:
        r"""
        python workflow/scripts/published_numbers.py \
            --metrics {input.metrics:q} \
            --figures {input.figures:q} \
            --names {params.names:q} \
            --control {params.control} \
            --out {output.published:q} \
            --csv {output.csv:q} \
            >{log:q} 2>&1
        """


rule costs:
    input:
        recall=collect(
            "results/recall/{dataset}/{model}.costs.json",
            dataset=config["datasets"],
            model=config["models"],
        ),
        rationales=collect(
            "results/rationales/{dataset}/{model}/{source}.costs.json",
            dataset=config["datasets"],
            model=config["models"],
            source=written_rationales(),
        ),
        training=collect(
            "results/checkpoints/{dataset}/{model}/{recipe}.costs.json",
            dataset=config["datasets"],
            model=config["models"],
            recipe=trained(),
        ),
        generations=collect(
            "results/generations/{dataset}/{model}/{checkpoint}{shard}.costs.json",
            dataset=config["datasets"],
            model=config["models"],
            checkpoint=["base", *config["recipes"]],
            shard=shards(),
        ),
        answers=answered_files(
            "results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
        ),
    output:
        "results/report/costs.parquet",
    log:
        "results/logs/costs.log",
    benchmark:
        "results/benchmarks/costs.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("costs.py"),
    shell:
        r"""
        python workflow/scripts/costs.py \
            --recall {input.recall:q} \
            --rationales {input.rationales:q} \
            --training {input.training:q} \
            --generations {input.generations:q} \
            --answers {input.answers:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule manifest:
    input:
        models=collect("results/models/{model}.manifest.json", model=config["models"]),
        checkpoints=collect(
            "results/checkpoints/{dataset}/{model}/{recipe}.manifest.json",
            dataset=config["datasets"],
            model=config["models"],
            recipe=config["recipes"],
        ),
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
        config="results/report/config.json",
        manifest="results/report/manifest.json",
    log:
        "results/logs/manifest.log",
    benchmark:
        "results/benchmarks/manifest.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("manifest.py"),
        config=canonical_json(config),
        pins=" ".join(
            [
                pins("base", "snakemake", "datasets", "pandas", "pyarrow", "bm25s"),
                pins("vllm", "vllm", "torch", "transformers"),
                pins("train", "trl", "deepspeed"),
            ]
        ),
    shell:
        r"""
        python workflow/scripts/manifest.py \
            --config {params.config:q} \
            --pins {params.pins:q} \
            --models {input.models:q} \
            --checkpoints {input.checkpoints:q} \
            --inputs {input.data:q} \
            --outputs {input.outcome:q} \
            --config-out {output.config:q} \
            --out {output.manifest:q} \
            >{log:q} 2>&1
        """


rule report:
    input:
        config="results/report/config.json",
        manifest="results/report/manifest.json",
        metrics="results/report/metrics.parquet",
        comparisons="results/report/comparisons.parquet",
        costs="results/report/costs.parquet",
        recall_at_k=collect(
            "results/retrieved/{dataset}/{split}.recall.json",
            dataset=config["datasets"],
            split=["train", "test"],
        ),
        labels=answered_files(
            "results/labels/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
        ),
        answers=answered_files(
            "results/answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet"
        ),
        examples=collect(
            "results/examples/{dataset}/test/{condition}/gated.parquet",
            dataset=config["datasets"],
            condition=config["test"]["conditions"],
        ),
        gates=[
            *collect(
                "results/data/{dataset}/rejected.parquet", dataset=config["datasets"]
            ),
            *sorted(
                {
                    f"results/counters/{dataset}/{split}/{settings.draw_name(config['conditions'][condition])}.rejected.parquet"
                    for dataset in config["datasets"]
                    for split in ["train", "test"]
                    for condition in config[split]["conditions"]
                }
            ),
            *(
                f"results/examples/{dataset}/{split}/{condition}/{stage}.rejected.parquet"
                for dataset in config["datasets"]
                for split in ["train", "test"]
                for condition in config[split]["conditions"]
                for stage in ["composed", "gated"]
            ),
        ],
        recall=collect(
            "results/recall/{dataset}/{model}.parquet",
            dataset=config["datasets"],
            model=config["models"],
        ),
        rationales=collect(
            "results/rationales/{dataset}/{model}/{source}.parquet",
            dataset=config["datasets"],
            model=config["models"],
            source=written_rationales(),
        ),
        rationales_rejected=collect(
            "results/rationales/{dataset}/{model}/{source}.rejected.parquet",
            dataset=config["datasets"],
            model=config["models"],
            source=written_rationales(),
        ),
        training_logs=collect(
            "results/checkpoints/{dataset}/{model}/{recipe}.log.parquet",
            dataset=config["datasets"],
            model=config["models"],
            recipe=trained(),
        ),
        training_speed=collect(
            "results/checkpoints/{dataset}/{model}/{recipe}.speed.parquet",
            dataset=config["datasets"],
            model=config["models"],
            recipe=trained(),
        ),
        published=published_tables(),
    output:
        page=report(
            "results/report/index.html",
            caption="../report/index.rst",
            category="Report",
        ),
        examples="results/report/examples.html",
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("report.py"),
        page=content_of(
            *(
                f"interexter/report/{name}"
                for name in [
                    "page.html.j2",
                    "analyses.html.j2",
                    "every-metric.html.j2",
                    "browser.html.j2",
                    "browser.js",
                    "browser.css",
                    "style.css",
                ]
            )
        ),
        pins=pins("base", "altair", "vl-convert-python", "jinja2"),
    shell:
        r"""
        python workflow/scripts/report.py \
            --config {input.config:q} \
            --manifest {input.manifest:q} \
            --metrics {input.metrics:q} \
            --comparisons {input.comparisons:q} \
            --costs {input.costs:q} \
            --recall-at-k {input.recall_at_k:q} \
            --labels {input.labels:q} \
            --answers {input.answers:q} \
            --examples {input.examples:q} \
            --gates {input.gates:q} \
            --recall {input.recall:q} \
            --rationales {input.rationales:q} \
            --rationales-rejected {input.rationales_rejected:q} \
            --training-logs {input.training_logs:q} \
            --training-speed {input.training_speed:q} \
            --published {input.published:q} \
            --out {output.page:q} \
            --examples-out {output.examples:q} \
            >{log:q} 2>&1
        """
