# Takes checkpoints and metrics; puts them on a model hub. Off unless asked for: `snakemake publish`.


rule publish_checkpoint:
    input:
        folder="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}",
        manifest="results/checkpoints/{dataset}/seed-{seed}/{model}/{recipe}.manifest.json",
        card="results/data/{dataset}/card.json",
        metrics="results/report/metrics.parquet",
    output:
        "results/published/{dataset}/{model}/{recipe}.json",
    log:
        "results/logs/publish/{dataset}/{model}/{recipe}.log",
    localrule: True
    conda:
        environment("base")
    params:
        owner=config["publish"]["owner"],
        private=setting("publish", "private"),
    shell:
        r"""
        python "$SCRIPTS/publish.py" \
            --checkpoint {input.folder:q} \
            --manifest {input.manifest:q} \
            --data-card {input.card:q} \
            --metrics {input.metrics:q} \
            --owner {params.owner:q} \
            --private {params.private} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule publish:
    input:
        collect(
            "results/published/{dataset}/{model}/{recipe}.json",
            dataset=config["datasets"],
            model=config["models"],
            recipe=layout.trained(config),
        ),
    localrule: True
