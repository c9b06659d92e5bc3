"""Print what a method asks of a question, with token counts: `make prompt QUESTION=... METHOD=... CONDITION=...`.

Reads what a run made of its test questions and starts no engine. Of a method that asks several times, the first prompts
are shown: later ones hold what the model wrote.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interexter.answers import internal_documents
from interexter.answers.answering import Caps, asked_methods
from interexter.answers.methods import visible
from interexter.core import program
from interexter.core.errors import UserError, nearest
from interexter.core.json_files import read_json
from interexter.core.tables import Row, read_table
from interexter.engine.conversations import Prompt
from interexter.injection.compose import EXAMPLES
from interexter.models.tokenizer import Tokenizer
from interexter.study import layout, places, settings

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Find the example, build its prompts, print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, help="of the study")
    parser.add_argument("--results", type=Path, help="of the study, instead of its config; by default results")
    parser.add_argument("--question", required=True, help="an id, or words of the question")
    parser.add_argument("--method", required=True)
    parser.add_argument("--condition", required=True)
    for name in ("dataset", "model"):
        parser.add_argument(f"--{name}", help="by default the first of the study")
    args = parser.parse_args()
    if missing := [name.upper() for name in ("question", "method", "condition") if not getattr(args, name)]:
        raise UserError(f"{' and '.join(missing)} missing: make prompt QUESTION=id-or-words METHOD=... CONDITION=...")
    results = args.results or Path("results")
    if args.configfile and not args.results:
        study = ROOT / args.configfile
        results = places.folder(ROOT, study, settings.read(study)) / "results"
    file = results / "config.json"
    if not file.is_file():
        raise UserError(f"{file}: there is no such file; run the study first, or name its results.")
    config = read_json(file)
    dataset = args.dataset or next(iter(config["datasets"]))
    model = args.model or next(iter(config["models"]))
    for key, name in (("datasets", dataset), ("models", model)):
        if name not in config[key]:
            raise UserError(f"{key}: the study has no {name!r}; {nearest(name, config[key])}")
    example = _example(layout.examples(results, config, dataset, config["seeds"][0], "test"), args)
    prompts = first_prompts(results, config, dataset, model, args.method, example)
    served = model in layout.of_servers(config)  # a server has the tokenizer, and the template
    print("\n".join(lines(example, prompts, None if served else Tokenizer(results / "models" / model))))


def first_prompts(
    results: Path, config: dict[str, Any], dataset: str, model: str, method: str, example: Row
) -> list[Prompt]:
    """Return the prompts that a method begins with, as `generate` builds them; none for one that asks nothing."""
    named = layout.prompt_set(results, config, dataset, method)
    folder = layout.of_seed(results, "demonstrations", dataset, config["seeds"][0])
    shown = read_json(folder / f"{model}.json")
    caps = Caps(*(config["generate"][key] for key in ("answer_tokens", "rationale_tokens", "rationale_stop")))
    asked, ask = asked_methods({method: named}, shown, caps)[method]
    memories = internal_documents.read(layout.recall(results, dataset, model))
    task = {**example, "internal_document": memories.get(example["question_id"], "")}
    return next(asked.answer(visible(task, asked), ask), [])


def lines(example: Row, prompts: Sequence[Prompt], tokenizer: Tokenizer | None) -> Iterator[str]:
    """Yield the lines that show prompts: each message with its tokens, then those of the prompt as it is rendered.

    Tokens are not counted without a tokenizer.
    """
    yield f"question {example['question_id']}, condition {example['condition']}: {example['question']}"
    yield f"gold: {'; '.join(example['answers'])}   counter: {'; '.join(example['counter_aliases']) or 'none'}"
    for number, prompt in enumerate(prompts, 1):
        for role, content in prompt.messages:
            # Without the end of the turn.
            tokens = f": {len(tokenizer.completion(content)) - 1} tokens" if tokenizer else ""
            yield f"\n--- prompt {number} of {len(prompts)}, {role}{tokens}"
            yield content
        if not tokenizer:
            continue
        whole, cap = len(tokenizer.prompt(prompt.messages)), prompt.sampling.max_tokens
        yield f"\n--- prompt {number} is {whole} tokens with the model's chat template; up to {cap} may follow"
        if prompt.contrast is not None:
            without = len(tokenizer.prompt(prompt.contrast.messages))
            yield f"    beside it, one without documents of {without} tokens is read ({prompt.contrast.decoding})"
    if not prompts:
        yield "\nThis method asks nothing of this question."


def _example(path: Path, args: argparse.Namespace) -> Row:
    """Return the one example that is meant; raise UserError naming the candidates where none or several are."""
    rows = read_table(path, EXAMPLES, where={"condition": args.condition}).to_pylist()
    if not rows:
        known = sorted(set(read_table(path, EXAMPLES, ("condition",))["condition"].to_pylist()))
        raise UserError(f"{path}: no example under {args.condition!r}; {nearest(args.condition, known)}")
    found = [row for row in rows if row["question_id"] == args.question]
    found = found or [row for row in rows if args.question.casefold() in row["question"].casefold()]
    if len(found) != 1:
        few = "; ".join(f"{row['question_id']} {row['question']!r}" for row in (found or rows)[:3])
        said = (
            f"{len(found)} questions have {args.question!r}, such as"
            if found
            else f"none has {args.question!r}; known:"
        )
        raise UserError(f"{path}, condition {args.condition}: {said} {few}. Give an id, or more words.")
    return dict(found[0])


if __name__ == "__main__":
    program.run(main, job=False)
