# Takes questions and a base model; gives what it remembers: results/recall.


rule recall:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        manifest="results/models/{model}.manifest.json",
        prompts=general_prompt_files,
    output:
        recall="results/recall/{dataset}/{model}.parquet",
        rejected="results/recall/{dataset}/{model}.rejected.parquet",
        costs="results/recall/{dataset}/{model}.costs.json",
    log:
        "results/logs/recall/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/recall/{dataset}/{model}.tsv"
    conda:
        environment("vllm")
    threads: engine_threads
    resources:
        gpu=engine_gpus,
        mem=asking_memory,
    params:
        code=code("recall.py"),
        pins=pins("vllm", "vllm", "torch", "transformers"),
        templates=lambda wildcards: templates(
            general_prompt_set(wildcards), *RECALL_TEMPLATES
        ),
        prompt_set=general_prompts,
        answer_tokens=config["recall"]["answer_tokens"],
        document_tokens=config["recall"]["document_tokens"],
        samples=config["recall"]["samples"],
        temperature=config["recall"]["temperature"],
        shots=config["recall"]["shots"],
        ask="all" if layout.asks_memory_of_training(config) else "test",
        engine=engine_settings,
        folder=weights_folder,
        store=store_folder,
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/recall.py" \
            --train {input.train:q} \
            --test {input.test:q} \
            --ask {params.ask} \
            --prompt-set {params.prompt_set:q} \
            --answer-tokens {params.answer_tokens} \
            --document-tokens {params.document_tokens} \
            --samples {params.samples} \
            --temperature {params.temperature} \
            --shots {params.shots} \
            --model {params.folder:q} \
            --manifest {input.manifest:q} \
            --engine {params.engine:q} \
            --gpus {resources.gpu} \
            --store {params.store:q} \
            --costs {output.costs:q} \
            --out {output.recall:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """
