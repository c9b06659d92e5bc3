# Takes checkpoints, data and metrics; puts them on a model hub. Off unless asked for: `snakemake publish`.


rule publish_checkpoint:
    input:
        folder="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}",
        manifest="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.manifest.json",
        card="results/data/{dataset}/card.json",
        metrics="results/report/metrics.parquet",
        data=(
            "results/published/{dataset}/data.json"
            if config["publish"]["data"]
            else []
        ),
    output:
        "results/published/{dataset}/seed-{seed}/{model}/{recipe}.json",
    log:
        "results/logs/publish/{dataset}/seed-{seed}/{model}/{recipe}.log",
    localrule: True
    conda:
        environment("base")
    params:
        owner=config["publish"]["owner"],
        private=setting("publish", "private"),
        data=given("data"),
    shell:
        r"""
        python "$SCRIPTS/publish.py" \
            --checkpoint {input.folder:q} \
            --manifest {input.manifest:q} \
            --data-card {input.card:q} \
            --metrics {input.metrics:q} \
            --owner {params.owner:q} \
            --private {params.private} \
            {params.data} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule publish_data:
    # Examples and rationales, from which the program makes the folders that `make export` writes.
    input:
        config="results/config.json",
        manifest="results/report/manifest.json",
    output:
        "results/published/{dataset}/data.json",
    log:
        "results/logs/publish/{dataset}/data.log",
    localrule: True
    conda:
        environment("train")
    params:
        results=results_folder,
        owner=config["publish"]["owner"],
        private=setting("publish", "private"),
    shell:
        r"""
        python "$SCRIPTS/publish_data.py" \
            --results {params.results:q} \
            --config {input.config:q} \
            --dataset {wildcards.dataset:q} \
            --owner {params.owner:q} \
            --private {params.private} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule publish:
    input:
        collect(
            "results/published/{dataset}/seed-{seed}/{model}/{recipe}.json",
            dataset=config["datasets"],
            seed=config["seeds"],
            model=config["models"],
            recipe=layout.trained(config),
        ),
        collect(
            "results/published/{dataset}/data.json",
            dataset=config["datasets"] if config["publish"]["data"] else [],
        ),
    localrule: True
