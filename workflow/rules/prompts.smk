# Takes the prompt files of other authors, pinned by sha256; gives results/prompts. Only run where a set is chosen.


rule published_prompts:
    output:
        "results/prompts/{published}/{dataset}.json",
    log:
        "results/logs/published_prompts/{published}/{dataset}.log",
    benchmark:
        "results/benchmarks/published_prompts/{published}/{dataset}.tsv"
    wildcard_constraints:
        published=one_of(published_prompts.SETS),
    conda:
        environment("base")
    params:
        code=code("published_prompts.py"),
        local=local_prompt_files,
        note=lambda wildcards: option(
            "--note", dataset_key("rationale_note")(wildcards)
        ),
        worked=lambda wildcards: option("--worked-examples", worked_examples(wildcards)),
        content=worked_content,
    shell:
        r"""
        python "$SCRIPTS/published_prompts.py" \
            --name {wildcards.published} \
            {params.local} {params.note} {params.worked} \
            --cache .cache/prompts \
            --out {output:q} \
            >{log:q} 2>&1
        """
