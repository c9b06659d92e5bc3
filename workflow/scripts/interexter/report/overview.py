"""What was run, and whether the conflict fired: the first and the last section of the page, as plain values."""

import json
from collections.abc import Sequence

from ..core.tables import Row
from ..engine.contrastive import DECODINGS
from ..models import endpoints
from ..scoring.significance import LEVEL
from .analyses import metric_name
from .conflict import fired
from .inputs import Inputs
from .numbers import MISSING, Shown, count, estimate, few, percent, points, points_interval, probability
from .studies import Study, control_of, injects, is_trained, names, reference

# What models.probing found, in words.
_SYSTEM = {
    "own": "a turn of its own",
    "template": "put before the user\u2019s words by the template",
    "folded": "refused by the template: put before the user\u2019s words here",
}
_THINKING = {
    "none": "none",
    "off": "off, by the template\u2019s switch",
    "on": "on, by the template\u2019s switch",
    "always": "on: every prompt opens a think block",
}


def overview(studies: Sequence[Study], inputs: Inputs) -> list[Shown]:
    """Say what was run, one sentence for each study."""
    shown = []
    for study in studies:
        revision = _revision(inputs.manifest.get("models", {}).get(study.model))
        questions = study.labels(inputs.labels)["question_id"].nunique()
        shown.append(
            {
                "dataset": study.dataset,
                "model": study.model,
                "revision": revision,
                "questions": questions or max((row["n"] for row in study.cells.values()), default=0),
                "conditions": study.conditions,
                "methods": list(dict.fromkeys(method for _, method in study.series)),
                "checkpoints": list(dict.fromkeys(s[0] for s in study.series if is_trained(s, inputs.config))),
                "prompt_set": study.key[2],
                "seeds": [study.key[4]] if study.key[4] is not None else inputs.config["seeds"],
            }
        )
    return shown


def models(inputs: Inputs) -> list[Shown]:
    """Say how each model is spoken to, as its chat template was found when it was prepared."""
    shown = []
    for name, manifest in inputs.manifest.get("models", {}).items():
        if not isinstance(manifest, dict) or not (found := manifest.get("chat")):
            continue  # prepared before templates were tried
        shown.append(
            {
                "name": name,
                "context": count(manifest["context_length"]),
                "system": _SYSTEM[found["system"]],
                "date": found["date"] or MISSING,
                "thinking": _THINKING[found["thinking"]],
                "end": found["end_of_turn"],
                "controls": count(found["control_tokens"]),
                "example": found["example"],
            }
        )
    return shown


def decoded_together(inputs: Inputs) -> list[str]:
    """Say which answers may depend on the prompts that were decoded beside theirs; nothing where none do."""
    engine, models = inputs.config["engine"], inputs.config["models"]
    here = [
        name for name, source in models.items() if source["kind"] != endpoints.KIND
    ]  # others decode on their servers
    said = []
    whose = "" if len(here) == len(models) else f" of {', '.join(sorted(here))}"
    if here and inputs.config["device"] == "cuda" and not engine["strict"]:
        said.append(f"answers{whose} were written on a GPU without engine.strict")
    if here and inputs.config["device"] == "cpu" and engine["dtype"] != "float32":
        said.append(f"answers{whose} were written in {engine['dtype']} on a CPU")
    if here and (contrasted := DECODINGS.keys() & set(inputs.config["methods"])) and engine.get("logits_batch", 1) > 1:
        several = f"{engine['logits_batch']} prompts at a time (engine.logits_batch)"
        said.append(f"{', '.join(sorted(contrasted))} decoded {several}")
    return said


def conditions(inputs: Inputs) -> list[Shown]:
    """Say what each condition of the test, and of training, shows; "-" for what has no meaning under it."""
    config = inputs.config
    trained, tested = (names(config[split], "conditions") for split in ("train", "test"))
    shown = []
    for name in dict.fromkeys((*tested, *trained)):
        settings = config["conditions"].get(name, {})
        injected = injects(name, config)
        placed = injected and settings.get("supporting") != "replace"
        shown.append(
            {
                "name": name,
                "kind": settings.get("kind", MISSING) if injected else MISSING,
                "count": settings.get("count", 0),
                "supporting": settings.get("supporting", MISSING),
                "position": settings.get("position", MISSING) if placed else MISSING,
                "sources": settings.get("sources", MISSING) if placed else MISSING,
                "against": settings.get("counter_to", MISSING) if injected else MISSING,
                "counter_answer": settings.get("counter_answer", MISSING) if injected else MISSING,
                "control": settings.get("control", MISSING) if injected else MISSING,
                "asked": " and ".join(split for split, its in (("test", tested), ("training", trained)) if name in its),
            }
        )
    return shown


def preferences(inputs: Inputs) -> list[Shown]:
    """Say how far models prefer gold answers to counter-answers before they read anything, where they were asked."""
    return [
        {
            "dataset": dataset,
            "split": split,
            "model": model,
            "kind": kind,
            **{name: MISSING if value is None else f"{value:.2f}" for name, value in figures.items()},
        }
        for (dataset, split, model), kinds in sorted(inputs.preferences.items())
        for kind, figures in kinds.items()
    ]


def verdicts(studies: Sequence[Study], inputs: Inputs) -> list[Shown]:
    """Say for each study whether the conflict fired."""
    settings = inputs.config["report"]
    shown = []
    for study in studies:
        verdict = fired(study, inputs.comparisons, inputs.config)
        series = reference(study, inputs.config)
        rates = {
            condition: estimate(study.cells.get((series, condition, "counter_rate")) if series else None)
            for condition in (control_of(settings["strongest"], inputs.config), settings["strongest"])
        }
        row = verdict.row
        shown.append(
            {
                "title": study.title,
                "status": verdict.status,
                "sentence": verdict.sentence,
                "difference": points(row["difference"]) if row else MISSING,
                "interval": points_interval(row) if row else MISSING,
                "n": row["n"] if row else 0,
                "rates": rates,
            }
        )
    return shown


def primary(inputs: Inputs) -> Shown:
    """Say what each comparison gave that the config names as primary, and how many could not be made."""
    rows = [row for row in inputs.comparisons if row["primary"]]
    several = {name for name in ("dataset", "model", "prompt_set") if len({row[name] for row in rows}) > 1}
    shown = [
        {
            **{name: row[name] for name in ("a", "b", "within", "n")},
            "metric": metric_name(row["metric"]),
            "about": ", ".join(row[name] for name in ("dataset", "model", "prompt_set") if name in several),
            **_sides(row),
            "difference": points(row["difference"]),
            "interval": points_interval(row),
            "p": _p(row["p"]),
            "adjusted": _p(row["p_adjusted"]),
            "few": few(row),
            "holds": row["p_adjusted"] is not None and row["p_adjusted"] <= LEVEL,
        }
        for row in rows
    ]
    named = len(inputs.config.get("comparisons", {}).get("primary", []))
    made = len({(row["metric"], row["a"], row["b"], row["within"]) for row in rows})
    return {"rows": shown, "named": named, "missing": max(0, named - made)}


def _sides(row: Row) -> Shown:
    """Return the shares whose difference a comparison is; of the clean tax the shares that are right, as elsewhere."""
    first, second = row["value_a"], row["value_b"]
    if row["metric"] == "clean_tax" and first is not None:  # it compares shares that are wrong
        return {"tax": True, "first": percent(1 - second), "second": percent(1 - first)}
    return {"tax": False, "first": percent(first), "second": percent(second)}


def _p(value: float | None) -> str:
    text = probability(value)
    return text.replace("<", "< ") if text.startswith("<") else f"= {text}"


def reproduce(inputs: Inputs) -> Shown:
    """Give the config as text and the manifest, whatever it holds."""
    return {
        "config": json.dumps(inputs.config, indent=2, sort_keys=True, ensure_ascii=False),
        "manifest": inputs.manifest,
    }


def _revision(manifest: object) -> str:
    """Return what pins a model: its revision, its version, or the hash of its weights; of a server's, where it is."""
    if not isinstance(manifest, dict):
        return ""
    flat = {**manifest, **(manifest["source"] if isinstance(manifest.get("source"), dict) else {})}
    if flat.get("url"):
        return f"{flat['model']} at {flat['url']}"
    return next((f"{name} {flat[name]}" for name in ("revision", "version", "weights_id") if flat.get(name)), "")
