"""What the pipeline costs around vLLM: its engine against `LLM.generate` called bare, on a finished study's prompts.

Three measurements, each in a process of its own, engine start aside: bare vLLM on all prompts of the in-context methods
in the pipeline's order; the pipeline's engine, with its store and its driver; and bare vLLM on the same prompts
shuffled, for what the order is worth. Prints tokens a second, the prefix cache's hit rate, and two ratios: pipeline to
bare, which is to stay above 0.95, and grouped to shuffled, above 1.3. Each ratio is given by the clock and by the
processor's seconds, which other work on the machine disturbs less; on a GPU only the clock counts. The study's config
has an in-context method: one whose name ends in -icl.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interexter.answers import internal_documents
from interexter.answers.answering import Caps, Interview, asked_methods
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.engine.conversations import Prompt, drive
from interexter.engine.shards import shard
from interexter.engine.vllm import Engine, EngineSettings, sampling_params, start_vllm
from interexter.models.tokenizer import Tokenizer
from interexter.models.weights import weights_id
from interexter.study import layout

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("bare", "pipeline", "shuffled")


def main() -> None:
    """Measure each kind in a process of its own, in turn, and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / "results", help="of a finished study")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--kind", choices=KINDS, help="measure this kind, in this process")
    args = parser.parse_args()
    config = finished(args.results)
    if args.kind:
        print(json.dumps(measured(args.kind, args.results, config)))
        return
    best: dict[str, dict[str, Any]] = {}
    for _ in range(args.repeat):
        for kind in KINDS:
            command = [sys.executable, __file__, "--kind", kind, "--results", str(args.results)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(done.stdout.splitlines()[-1])
            if kind not in best or found["seconds"] < best[kind]["seconds"]:
                best[kind] = found
    print(f"{'':10}{'prompts':>9}{'seconds':>9}{'tokens/s':>10}{'processor s':>13}{'from the prefix cache':>23}")
    for kind, row in best.items():
        rate, share = row["tokens"] / row["seconds"], row["cached"] / row["prompt_tokens"]
        print(f"{kind:10}{row['prompts']:>9}{row['seconds']:>9.1f}{rate:>10.0f}{row['processor']:>13.1f}{share:>23.0%}")
    for name, other, kind in (("pipeline to bare", "bare", "pipeline"), ("grouped to shuffled", "shuffled", "bare")):
        clock, processor = (best[other][unit] / best[kind][unit] for unit in ("seconds", "processor"))
        print(f"{name}: {clock:.2f} by the clock, {processor:.2f} by the processor")


def finished(results: Path) -> dict[str, Any]:
    """Return the config of a finished study; raise UserError where it has nothing to ask here."""
    if not (results / "report/index.html").is_file():
        raise UserError(f"{results}: there is no finished report. Run the study first.")
    config = read_json(results / "config.json")
    if not in_context(config):
        raise UserError(
            f"{results}: this study has no in-context method, one whose name ends in -icl. Run one that has, such as "
            "config/smoke.yaml, and name its folder: --results studies/smoke/results."
        )
    return config


def in_context(config: dict[str, Any]) -> list[str]:
    """Return the in-context methods of the base model."""
    return [method for method in config["methods"] if method.endswith("-icl")]


def measured(kind: str, results: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return prompts, tokens and seconds of one kind, without the engine's start."""
    model = results / "models" / next(iter(config["models"]))
    opened = asked(results, config)
    known = {name: value for name, value in config["engine"].items() if name in EngineSettings.__annotations__}
    settings = EngineSettings(**{**known, "device": config["device"], "tensor_parallel": 1})
    if kind == "pipeline":
        return pipeline(model, settings, opened)
    return bare(model, settings, opened, shuffled=kind == "shuffled")


def asked(results: Path, config: dict[str, Any]) -> list[Any]:
    """Return the conversations of the base model's in-context methods, as `generate` opens them."""
    dataset, model, seed = next(iter(config["datasets"])), next(iter(config["models"])), config["seeds"][0]
    examples = layout.examples(results, config, dataset, seed, "test")
    shown = read_json(layout.of_seed(results, "demonstrations", dataset, seed) / f"{model}.json")
    caps = Caps(*(config["generate"][name] for name in ("answer_tokens", "rationale_tokens", "rationale_stop")))
    sets = {method: layout.prompt_set(results, config, dataset, method) for method in in_context(config)}
    memories = internal_documents.read(layout.recall(results, dataset, model))
    evidence = layout.evidence(results, dataset, seed, model, "test")
    interview = Interview(examples, evidence, memories, asked_methods(sets, shown, caps), shard("1-of-1"))
    return list(interview.conversations())


class MeasuredEngine(Engine):
    """The pipeline's engine, and what its start took of the processor."""

    processor_starting = 0.0

    def _start(self) -> None:
        began = time.process_time()
        super()._start()
        self.processor_starting = time.process_time() - began


def pipeline(model: Path, settings: EngineSettings, opened: list[Any]) -> dict[str, Any]:
    """Measure what the rule `generate` does: driver, engine and store together."""
    with TemporaryDirectory() as store:
        engine = MeasuredEngine(model, weights_id(model), settings, Path(store))
        began, worked = time.monotonic(), time.process_time()
        for _ in drive(opened, engine):
            pass
        engine.close()
        seconds, processor = time.monotonic() - began, time.process_time() - worked
    return {
        "prompts": engine.asked,
        "seconds": seconds - engine.seconds_starting,
        "processor": processor - engine.processor_starting,
        "tokens": engine.prompt_tokens + engine.output_tokens,
        "prompt_tokens": engine.prompt_tokens,
        "cached": engine.cached_tokens,
    }


def bare(model: Path, settings: EngineSettings, opened: list[Any], shuffled: bool) -> dict[str, Any]:
    """Measure vLLM alone: token ids in one order, one call, nothing kept."""
    os.environ.pop("OMP_NUM_THREADS", None)
    prompts: dict[str, Prompt] = {prompt.prompt_id: prompt for talk in opened for prompt in next(talk)}
    tokenizer = Tokenizer(model)
    ordered = sorted((tokenizer.prompt(prompt.messages), name) for name, prompt in prompts.items())
    if shuffled:
        random.Random(0).shuffle(ordered)
    llm = start_vllm(model, settings)
    began, worked = time.monotonic(), time.process_time()
    outputs = llm.generate(
        [{"prompt_token_ids": token_ids} for token_ids, _ in ordered],
        [sampling_params(prompts[name]) for _, name in ordered],
        use_tqdm=False,
    )
    seconds, processor = time.monotonic() - began, time.process_time() - worked
    read = sum(len(output.prompt_token_ids) for output in outputs)
    return {
        "prompts": len(outputs),
        "seconds": seconds,
        "processor": processor,
        "tokens": read + sum(len(output.outputs[0].token_ids) for output in outputs),
        "prompt_tokens": read,
        "cached": sum(output.num_cached_tokens or 0 for output in outputs),
    }


if __name__ == "__main__":
    run(main, job=False)
