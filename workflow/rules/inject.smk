# Takes questions and what was retrieved for them; gives gated examples under each condition.


rule counters:
    input:
        questions="results/data/{dataset}/{split}.parquet",
        all_questions="results/data/{dataset}/questions.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
    output:
        counters="results/counters/{dataset}/{split}/{kind}.parquet",
        rejected="results/counters/{dataset}/{split}/{kind}.rejected.parquet",
    log:
        "results/logs/counters/{dataset}/{split}/{kind}.log",
    benchmark:
        "results/benchmarks/counters/{dataset}/{split}/{kind}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=lambda wildcards: code(
            "counters.py",
            f"interexter/injectors/{wildcards.kind.replace('-', '_')}.py",
        ),
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/counters.py \
            --questions {input.questions:q} \
            --all-questions {input.all_questions:q} \
            --retrieved {input.retrieved:q} \
            --kind {wildcards.kind} \
            --seed {params.seed} \
            --out {output.counters:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule compose:
    input:
        questions="results/data/{dataset}/{split}.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
        counters=lambda wildcards: f"results/counters/{{dataset}}/{{split}}/{config['conditions'][wildcards.condition]['kind']}.parquet",
    output:
        composed="results/examples/{dataset}/{split}/{condition}/composed.parquet",
        rejected="results/examples/{dataset}/{split}/{condition}/composed.rejected.parquet",
    log:
        "results/logs/compose/{dataset}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/compose/{dataset}/{split}/{condition}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("compose.py"),
        dose=condition_key("count"),
        supporting=condition_key("supporting"),
        position=condition_key("position"),
        order=config["order"],
        passages=dataset_key("passages"),
        seed=config["seed"],
    shell:
        r"""
        python workflow/scripts/compose.py \
            --questions {input.questions:q} \
            --retrieved {input.retrieved:q} \
            --counters {input.counters:q} \
            --condition {wildcards.condition} \
            --count {params.dose} \
            --supporting {params.supporting} \
            --position {params.position} \
            --order {params.order} \
            --passages {params.passages} \
            --seed {params.seed} \
            --out {output.composed:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule gate:
    input:
        examples="results/examples/{dataset}/{split}/{condition}/composed.parquet",
        retrieved="results/retrieved/{dataset}/{split}.parquet",
    output:
        gated="results/examples/{dataset}/{split}/{condition}/gated.parquet",
        rejected="results/examples/{dataset}/{split}/{condition}/gated.rejected.parquet",
    log:
        "results/logs/gate/{dataset}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/gate/{dataset}/{split}/{condition}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("gate.py"),
        dose=condition_key("count"),
        supporting=condition_key("supporting"),
    shell:
        r"""
        python workflow/scripts/gate.py \
            --examples {input.examples:q} \
            --retrieved {input.retrieved:q} \
            --count {params.dose} \
            --supporting {params.supporting} \
            --out {output.gated:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """


rule evidence:
    input:
        examples="results/examples/{dataset}/{split}/{condition}/gated.parquet",
        recall="results/recall/{dataset}/{model}.parquet",
    output:
        evidence="results/evidence/{dataset}/{model}/{split}/{condition}.parquet",
        rejected="results/evidence/{dataset}/{model}/{split}/{condition}.rejected.parquet",
    log:
        "results/logs/evidence/{dataset}/{model}/{split}/{condition}.log",
    benchmark:
        "results/benchmarks/evidence/{dataset}/{model}/{split}/{condition}.tsv"
    conda:
        "../../envs/base.yaml"
    params:
        code=code("evidence.py"),
    shell:
        r"""
        python workflow/scripts/evidence.py \
            --examples {input.examples:q} \
            --recall {input.recall:q} \
            --out {output.evidence:q} \
            --rejected {output.rejected:q} \
            >{log:q} 2>&1
        """
