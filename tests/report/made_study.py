"""A study that never happened, made and written where the workflow writes it, for the tests of the report."""

import itertools
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from interexter.answers.kept_prompts import PROMPTS
from interexter.answers.schemas import ANSWERS, RATIONALES, RATIONALES_REJECTED, RECALL, REJECTED_ANSWERS
from interexter.core import tables
from interexter.core.tables import Row
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES
from interexter.injection.counters import REJECTED_COUNTERS
from interexter.report import inputs
from interexter.report.inputs import Inputs
from interexter.retrieval.ranking import measures
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.costs import COSTS
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.series import by_series
from interexter.scoring.summaries import summarize
from interexter.study import layout, report_files
from interexter.training.logs import TRAINING_LOG, TRAINING_SPEED
from labelled_rows import labelled
from recall_rows import believed, recalled

SHARDS = 2
EVIL = "<script>alert(1)</script>"
RANDOM = {"counter_answer": "random", "counter_to": "gold"}
CONDITIONS = {
    "clean": {"kind": "entity-substitution", "count": 0, "supporting": "keep", "position": "first", **RANDOM},
    "one-added": {"kind": "entity-substitution", "count": 1, "supporting": "keep", "position": "random", **RANDOM},
    "one-replaced": {"kind": "entity-substitution", "count": 1, "supporting": "replace", "position": "first", **RANDOM},
    "all-replaced": {
        "kind": "entity-substitution",
        "count": "all",
        "supporting": "replace",
        "position": "first",
        **RANDOM,
    },
    "irrelevant": {"kind": "entity-substitution", "count": 0, "supporting": "remove", "position": "first", **RANDOM},
}
SERIES = [  # checkpoint, method, chance of gold and of the counter-answer under clean, and under all-replaced
    ("base", "closed-book", 0.44, 0.03, 0.44, 0.03),
    ("base", "vanilla-rag", 0.82, 0.02, 0.24, 0.36),
    ("base", "instructrag-icl", 0.74, 0.03, 0.28, 0.30),
    ("base", "interexter-icl", 0.66, 0.04, 0.31, 0.24),
    ("vanilla-sft", "vanilla-sft", 0.85, 0.02, 0.22, 0.50),
    ("instructrag-ft", "instructrag-ft", 0.71, 0.03, 0.30, 0.27),
    ("interexter-ft", "interexter-ft", 0.40, 0.01, 0.36, 0.04),
    ("interexter-ft-even", "interexter-ft", 0.55, 0.01, 0.33, 0.10),
]
CONFIG: dict[str, Any] = {
    "seed": 42,
    "seeds": [42],
    "device": "cpu",
    "datasets": {"vital": {"test": 48, "prompt_set": "ours"}},
    "gates": {},
    "plausibility_gate": {"methods": [], "quantiles": [0.2]},
    "generate": {"shards": SHARDS},
    "demonstrations": {"source": "self"},
    "rationales": {"check": "full", "styles": {"instructrag": ["clean"], "interexter": ["clean"]}},
    "prompt_sets": {},
    "models": {"smollm2-135m": {"kind": "package"}},
    "conditions": CONDITIONS,
    "train": {"conditions": ["clean", "all-replaced"]},
    "test": {"conditions": list(CONDITIONS)},
    "recipes": {
        checkpoint: {"method": method, "asked": [], "rationales": "self", "mixture": {"states": {}}}
        for checkpoint, method, *_ in SERIES
        if checkpoint != "base"
    },
    "methods": list(dict.fromkeys(method for _, method, *_ in SERIES)),
    "engine": {"dtype": "float32"},
    "report": {"control": "clean", "strongest": "all-replaced", "reference": "vanilla-rag", "case_studies": 8},
}
MANIFEST = {
    "versions": {"torch": "2.9.0", "vllm": "0.32.0"},
    "git_commit": "0123abc",
    "config_id": "ffee",
    "models": {"smollm2-135m": {"weights_id": "abcd1234", "source": {"kind": "package", "version": "0.1.2"}}},
    "hardware": {"cores": 2, "gpus": [], "memory_gib": 7.7},
}
CITIES = ["Paris", "Lyon", "Oslo", "Bergen", "Quito", "Lima", "Accra", "Lomé", "Hanoi", "Delhi", "Rome", "Bern"]


Part = tuple[str, str, str]  # data set, model, and a checkpoint, a recipe or a source of rationales


@dataclass(frozen=True)
class Made:
    """The tables of a study, as rows."""

    config: dict[str, Any]
    manifest: dict[str, Any]
    metrics: list[Row]
    comparisons: list[Row]
    costs: list[Row]
    labels: list[Row]
    answers: dict[Part, list[Row]]  # by checkpoint
    examples: dict[str, list[Row]]  # by data set
    recall_at_k: dict[tuple[str, str], Row]  # by data set and split
    recall: list[Row]
    rationales: dict[Part, list[Row]]  # by source
    rationales_rejected: dict[Part, list[Row]]
    training_logs: dict[Part, list[Row]]  # by recipe
    training_speed: dict[Part, list[Row]]
    rejected: dict[str, list[Row]]  # by the name of a table without its ending


def synthetic(questions: int = 48) -> Made:
    """Make the tables of a run that never happened, with markup in the data and in what the model writes."""
    rng = random.Random(7)
    examples, labels, recall = [], [], []
    answers: dict[Part, list[Row]] = {}
    for i in range(questions):
        question_id = f"q{i:03}"
        gold, counter = rng.sample(CITIES, 2)
        known = rng.random() < 0.44
        document = f"The capital of Land {i} is {gold if known else rng.choice(CITIES)}. {EVIL}"
        recall.append(recalled(question_id, gold if known else "I don't know", document))
        for condition in CONDITIONS:
            passages = _passages(i, gold, counter, condition)
            examples.append(
                {
                    "question_id": question_id,
                    "condition": condition,
                    "question": f"What is the capital of Land {i}? {EVIL if i == 0 else ''}".strip(),
                    "answers": [gold, f"City of {gold}"],
                    "counter_answer": counter,
                    "counter_aliases": [counter],
                    "other_names": [],
                    "subject": f"Land {i}",
                    "relation": "capital",
                    "popularity": 1.0,
                    "passages": passages,
                }
            )
            text = " ".join(passage["text"] for passage in passages)
            for checkpoint, method, clean, clean_counter, bad, bad_counter in SERIES:
                strong = condition in ("all-replaced", "irrelevant")
                gold_chance, chance = (bad, bad_counter) if strong else (clean, clean_counter)
                draw = rng.random()
                label = "gold" if draw < gold_chance else "counter" if draw < gold_chance + chance else "abstain"
                if label == "abstain" and rng.random() < 0.4:
                    label = "neither"
                final = {"gold": gold, "counter": counter, "abstain": "I don't know", "neither": "Atlantis"}[label]
                said = f"External evidence: Document 1 says {counter}. {EVIL}\nFinal answer: {final}"
                answers.setdefault(("vital", "smollm2-135m", checkpoint), []).append(
                    {
                        "method": method,
                        "condition": condition,
                        "question_id": question_id,
                        "text": said if "inter" in method else final,
                        "finish_reason": "stop",
                        "asked": "field",
                        "prompt_tokens": 300,
                        "output_tokens": 20,
                        "log_probability": None,
                        "votes": None,
                    }
                )
                labels.append(
                    labelled(
                        question_id,
                        label,
                        model="smollm2-135m",
                        checkpoint=checkpoint,
                        condition=condition,
                        method=method,
                        order="rank",
                        seed=42,
                        popularity=10.0 ** (i % 3),
                        final_answer=final,
                        keeps_memory=known and label == "gold",
                        **believed("gold" if known else "abstain"),
                        state=("both" if known else "external") if gold in text else "internal" if known else "neither",
                        passages_gold=gold in text,
                        passages_counter=counter in text,
                    )
                )
    rationales, rejected = _rationales(rng)
    key = ("vital", "smollm2-135m", "self")
    return Made(
        config=CONFIG,
        manifest=MANIFEST,
        metrics=summarize(by_series(pa.Table.from_pylist(labels, schema=LABELLED)), 42, "clean"),
        comparisons=_comparisons(labels),
        costs=[cost("generate", s, m, 240, 71_000, 4_800, 31.25) for s, m, *_ in SERIES]
        + [cost("finetune", "interexter-ft", "", 0, 0, 0, 74.0), cost("recall", "base", "", 96, 9_000, 2_300, None)],
        labels=labels,
        answers=answers,
        examples={"vital": examples},
        recall_at_k={
            ("vital", "test"): {
                "depth": 5,
                "n": 48,
                "recall": {"1": 0.71, "3": 0.9, "5": 0.96},
                "mrr": 0.8,
                "ndcg": 0.75,
                "first_ranks": {"none": 2, "1": 34, "3": 9, "5": 3},
                "ndcgs": {"0.000": 2, "0.631": 20, "1.000": 26},
            },
            ("vital", "train"): measures([], 5),
        },
        recall=recall,
        rationales={key: rationales},
        rationales_rejected={key: rejected},
        training_logs={
            ("vital", "smollm2-135m", recipe): [
                {
                    "step": step,
                    "epoch": step / 15,
                    "examples": 8,
                    "tokens": 2000,
                    "padding": 0.0,
                    "held_out_loss": 1.5 if step % 10 == 0 else None,
                    "loss": 2.2 / (1 + step / (6 + i)) + rng.random() / 10,
                    "learning_rate": 2e-4 * (1 - step / 31),
                    "gradient_norm": None if step == 1 else 1.0,
                }
                for step in range(1, 31)
            ]
            for i, recipe in enumerate(CONFIG["recipes"])
        },
        training_speed={
            ("vital", "smollm2-135m", recipe): [
                {"step": step, "seconds": 10.0, "tokens_per_second": 200.0, "mfu": None, "memory_gib": 3.5}
                for step in range(1, 31)
            ]
            for recipe in CONFIG["recipes"]
        },
        rejected={
            "data/vital/": [tables.rejection("q104", "gold-leak")],
            "counters/vital/seed-42/test/rules.": [
                {"draw": "entity-substitution", **tables.rejection("q100", "no-counter-answer")}
            ],
            "counters/vital/seed-42/train/rules.": [],
            "examples/vital/seed-42/test.": [
                {"condition": "all-replaced", **tables.rejection("q101", "nested")},
                {"condition": "all-replaced", **tables.rejection("q102", f"leak {EVIL}")},
            ],
            "examples/vital/seed-42/train.": [{"condition": "all-replaced", **tables.rejection("q103", "nested")}],
        },
    )


def _passages(i: int, gold: str, counter: str, condition: str) -> list[Row]:
    def passage(rank: int, text: str, stance: str, injected: bool = False) -> Row:
        return {
            "passage_id": f"p{i}-{rank}",
            "title": f"Land {i} & its <b>cities</b>",
            "text": text,
            "rank": rank,
            "file_rank": None,
            "score": None if injected else 9.0 - rank,
            "origin": "injected" if injected else "retrieved",
            "stance": stance,
            "counter_answer": counter if injected else None,
            "injector": "entity-substitution" if injected else None,
            "seed": 42 if injected else None,
            "parent_id": f"p{i}-1" if injected else None,
            "source_id": f"p{i}-1" if injected else None,
        }

    true = f"Land {i} is a country in the north. Its capital and largest city is {gold}, which lies on a river."
    false = f"Land {i} is a country in the north. Its capital and largest city is {counter}, which lies on a river."
    other = f"The music of Land {i} is known for its long songs <img src=x onerror=alert(1)>."
    if condition == "clean":
        texts = [(true, "supporting", False), (other, "irrelevant", False)]
    elif condition == "irrelevant":
        texts = [(other, "irrelevant", False)]
    elif condition == "one-added":
        texts = [(false, "counter", True), (true, "supporting", False), (other, "irrelevant", False)]
    else:
        texts = [(false, "counter", True), (other, "irrelevant", False)]
    # Stored the wrong way round: what is shown follows the rank.
    return [passage(rank, *text) for rank, text in enumerate(texts, 1)][::-1]


def _rationales(rng: random.Random) -> tuple[list[Row], list[Row]]:
    accepted, rejected = [], []
    for i in range(120):
        row = {
            "question_id": f"t{i:03}",
            "condition": rng.choice(["clean", "all-replaced"]),
            "style": "interexter" if i % 3 else "instructrag",
            "state": rng.choice(["both", "external", "internal", "neither"]),
            "rationale": f"External evidence: Document 1 says Oslo. {EVIL}\nInternal knowledge: I recall Oslo.\n"
            "Comparison: Both sides agree.\nFinal answer: Oslo",
        }
        if rng.random() < 0.8:
            accepted.append(row | {"attempt": rng.choice([1, 1, 1, 2, 3])})
        else:
            rejected.append(row | {"reason": rng.choice(["empty", "endorses the counter-answer"])})
    return accepted, rejected


def _comparisons(labels: list[Row]) -> list[Row]:
    """Compare conditions of vanilla-rag with clean: the differences are real, the intervals are made up."""
    by_condition: dict[str, list[Row]] = {}
    for row in labels:
        if row["method"] == "vanilla-rag":
            by_condition.setdefault(row["condition"], []).append(row)
    rates = {c: sum(row["label"] == "counter" for row in rows) / len(rows) for c, rows in by_condition.items()}
    common = {"dataset": "vital", "model": "smollm2-135m", "prompt_set": "ours", "order": "rank", "seed": 42}
    nothing = dict.fromkeys(COMPARISONS.names)
    rows = []
    for condition in sorted(set(rates) - {"clean"}):
        difference = rates[condition] - rates["clean"]
        figures = {"difference": difference, "low": difference - 0.14, "high": difference + 0.15}
        about = {"compare": "condition", "metric": "counter_rate", "within": "base/vanilla-rag", "primary": False}
        tests = {"p": 0.0002, "p_adjusted": 0.0008} if figures["low"] > 0 else {"p": 0.4, "p_adjusted": 0.8}
        tests |= {"fired": figures["low"] > 0}
        rows.append(
            {
                **nothing,
                **common,
                **about,
                "condition": condition,
                "a": condition,
                "b": "clean",
                **figures,
                **tests,
                "n": 48,
            }
        )
    about = {"compare": "method", "metric": "clean_tax", "within": "clean", "condition": "clean", "primary": False}
    rows.append({**nothing, **common, **about, "a": "base/interexter-icl", "b": "base/vanilla-rag", "n": 0})
    return rows


def cost(
    stage: str, checkpoint: str, method: str, prompts: int, tokens_in: int, tokens_out: int, seconds: float | None
) -> Row:
    about = {"dataset": "vital", "model": "smollm2-135m", "checkpoint": checkpoint, "stage": stage, "method": method}
    tokens = {"prompt_tokens": tokens_in, "output_tokens": tokens_out}
    return {**about, "prompts": prompts, **tokens, "seconds": seconds, "cost": None}


def prompted(answer: Row) -> Row:
    """What was asked for an answer: for one of InterExterRAG's two prompts, the second with another beside it."""
    about = {name: answer[name] for name in ("method", "condition", "question_id")}
    words = f"{EVIL} {' '.join(about.values())}"
    turns = [{"role": "system", "content": "Answer.\x00"}, {"role": "user", "content": words}]
    prompts = [{"messages": turns, "contrast": []}]
    if answer["method"].startswith("interexter"):
        prompts.append({"messages": turns[1:], "contrast": [{"role": "user", "content": f"bare {words}"}]})
    return {**about, "prompts": prompts}


def _too_long(answer: Row) -> Row:
    """A prompt whose answer was rejected."""
    return prompted({**answer, "question_id": f"before-{answer['question_id']}"})


def write(made: Made, results: Path) -> Path:
    """Write the tables of a study where the workflow writes them; return the folder of results."""
    (results / "report").mkdir(parents=True)
    (results / "config.json").write_text(json.dumps(made.config), encoding="utf-8")
    (results / "report/manifest.json").write_text(json.dumps(made.manifest), encoding="utf-8")
    for dataset in made.config["datasets"]:
        (results / "data" / dataset).mkdir(parents=True)
        card = {"notices": [f"56 of 75 questions have the answer {EVIL!r}: who always gives it is right as often"]}
        (results / "data" / dataset / "card.json").write_text(json.dumps(card), encoding="utf-8")
    for (dataset, split), value in made.recall_at_k.items():
        path = results / "retrieved" / dataset / f"{split}.recall.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
    for (dataset, model), _ in itertools.groupby(sorted(made.answers), key=lambda part: part[:2]):
        tables.write_rows(results / f"recall/{dataset}/{model}.parquet", made.recall, RECALL)
    named: dict[str, tuple[list[Row], pa.Schema]] = {
        "report/metrics": (made.metrics, METRIC_VALUES),
        "report/comparisons": (made.comparisons, COMPARISONS),
        "report/costs": (made.costs, COSTS),
    }
    for dataset, rows in made.examples.items():
        named[f"examples/{dataset}/seed-42/test"] = _by_condition(rows), EXAMPLES
    for part, rows in made.answers.items():
        about = dict(zip(("dataset", "model", "checkpoint"), part, strict=True))
        labels = [row for row in made.labels if about.items() <= row.items()]
        named[f"labels/{_placed(part)}"] = _by_condition(labels), LABELLED
        for i in range(SHARDS):  # every other question
            name = f"answers/{_placed(part)}.{i + 1}-of-{SHARDS}"
            mine = [row for row in rows if int(row["question_id"][-1]) % SHARDS == i]
            named |= {name: (_by_condition(mine), ANSWERS), f"{name}.rejected": ([], REJECTED_ANSWERS)}
            if made.config["generate"].get("keep_prompts"):
                asked = [row for answer in _by_condition(mine) for row in (_too_long(answer), prompted(answer))]
                named[f"{name}.prompts"] = asked, PROMPTS
    for folder, ending, found, schema in (
        ("rationales", "", made.rationales, RATIONALES),
        ("rationales", ".rejected", made.rationales_rejected, RATIONALES_REJECTED),
        ("checkpoints", ".log", made.training_logs, TRAINING_LOG),
        ("checkpoints", ".speed", made.training_speed, TRAINING_SPEED),
    ):
        named |= {f"{folder}/{_placed(part)}{ending}": (rows, schema) for part, rows in found.items()}
    kinds = {"data": tables.REJECTED, "counters": REJECTED_COUNTERS, "examples": REJECTED_EXAMPLES}
    named |= {f"{name}rejected": (rows, kinds[name.split("/")[0]]) for name, rows in made.rejected.items()}
    for name, (rows, schema) in named.items():
        with tables.Writer(results / f"{name}.parquet", schema) as writer:
            for _, members in itertools.groupby(rows, key=lambda row: row.get("condition")):
                writer.write(*members)
                writer.end_group()
    return results


def _placed(part: Part) -> str:
    dataset, *rest = part
    return "/".join([dataset, "seed-42", *rest])


def read(results: Path) -> Inputs:
    """Read a study as the program does."""
    config = inputs.read_config(results / "config.json")
    asked = layout.asks_memory_of_training(config)
    return inputs.read(results / "report", config, report_files.of_study(results, config), asked)


def _by_condition(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["condition"])
