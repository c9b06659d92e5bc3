"""Say whether this machine suits the config's recipes, before any model loads: a line per finding, and its remedy."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.models import sizes
from interexter.training import plan, preflight
from interexter.training.preflight import Finding


def main() -> None:
    """Look at the machine, print the findings, end with status 1 where something cannot work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), required=True)
    parser.add_argument("--gpus", type=int, required=True, help="GPUs that the largest training takes")
    parser.add_argument(
        "--recipes", type=json.loads, required=True, help="JSON: name, and hyper-parameters; ranks by model"
    )
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="folders of the base models")
    parser.add_argument("--disk", type=Path, default=Path("results"), help="where checkpoints go")
    args = parser.parse_args()
    os.environ["DS_ACCELERATOR"] = args.device
    machine = preflight.look(args.device, args.disk)
    findings = preflight.machine_findings(machine, args.device, args.gpus)
    for finding in findings:
        print(finding)
    for name, recipe in args.recipes.items():
        for model in args.models:
            for finding in _about(machine, recipe, model, recipe["ranks"][model.name]):
                findings.append(finding)
                print(f"{finding.level:8}{name} on {model.name}: {str(finding)[8:]}")
    if any(finding.level == "error" for finding in findings):
        raise UserError("preflight: the lines that begin with error must be put right first.")


def _about(machine: preflight.Machine, recipe: dict[str, Any], model: Path, ranks: int) -> list[Finding]:
    """Return what can be said about a recipe and a model, which may not be there yet."""
    recipe = {key: value for key, value in recipe.items() if key not in ("gpus", "ranks")}
    automatic = recipe["micro_batch"] == "auto"
    try:
        if recipe["batching"] != "packed":
            plan.batch_plan(recipe["global_batch"], ranks, 1 if automatic else recipe["micro_batch"])
        if not (model / "config.json").is_file():
            text = "the model is not prepared yet, so memory and disk are not estimated."
            remedy = "run with --until prepare_model (make: ARGS='--until prepare_model'), then preflight again."
            return [Finding("warning", text, remedy)]
        shape = sizes.read_shape(model)
        if automatic:  # the rows are not there yet: as if all were as long as they may be
            longest = [recipe["max_length"]] * recipe["global_batch"]
            recipe["micro_batch"] = preflight.micro_batch(machine, shape, recipe, longest, ranks, ranks)
        context = read_json(model.with_name(f"{model.name}.manifest.json"), "context_length")["context_length"]
        return [
            preflight.length_finding(recipe["max_length"], context),
            *preflight.recipe_findings(machine, recipe, shape, ranks, ranks),
        ]
    except UserError as error:
        return [Finding("error", str(error), "change the recipe in the config.")]


if __name__ == "__main__":
    run(main)
