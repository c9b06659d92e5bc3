# Takes the config's recipes; says whether this machine suits them, before any model loads: `snakemake preflight`.


rule preflight:
    log:
        "results/logs/preflight.log",
    conda:
        environment("train")
    resources:
        gpu=gpus(1),
    params:
        device=config["device"],
        recipes=lambda wildcards: canonical_json(
            {
                name: {**config["recipes"][name]["training"], "seed": config["seed"]}
                for name in trained()
            }
        ),
        models=collect("results/models/{model}", model=config["models"]),
    shell:
        r"""
        python workflow/scripts/with_gpus.py {resources.gpu} -- \
            python workflow/scripts/preflight.py \
            --device {params.device} \
            --gpus {resources.gpu} \
            --recipes {params.recipes:q} \
            --models {params.models:q} \
            2>&1 | tee {log:q}
        """
