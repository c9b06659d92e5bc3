# Takes the config's recipes; says whether this machine suits them, before any model loads: `snakemake preflight`.


rule preflight:
    log:
        "results/logs/preflight.log",
    conda:
        environment("train")
    resources:
        gpu=most_training_gpus,
    params:
        device=config["device"],
        recipes=trained_recipes,
        models=collect("results/models/{model}", model=config["models"]),
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/preflight.py" \
            --device {params.device} \
            --gpus {resources.gpu} \
            --recipes {params.recipes:q} \
            --models {params.models:q} \
            2>&1 | tee {log:q}
        """
