"""The examples and the counts of docs/injectors/*.md, made by the injectors themselves.

`PYTHONPATH=workflow/scripts python tests/injector_pages.py` writes them anew into the pages, from what
each example says that it is made from: kind and seed, and a question of the embedded data set, a record
of a file, or texts that a model wrote.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import data_sets
import yaml
from data_sets import REAL, Prepared, real, retrieve, write_lines
from interexter.core.tables import Row
from interexter.data.questions import Questions
from interexter.engine.conversations import Generation
from interexter.engine.prompts import PromptSet
from interexter.injection import counters, injectors
from interexter.injection.compose import compose, condition
from interexter.injection.counter_writing import ask
from interexter.injection.gates import gate

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "injectors"
RAMDOCS = "ramdocs-first200.jsonl"
DEPTH, SHOWN = 20, 3  # passages retrieved, and shown
ASKED = 4  # every fourth test question
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LOSSES = "| data set | questions | pass all gates | lost |\n|---|---|---|---|\n"


class Data:
    """Questions with their passages, and what injectors may draw from."""

    def __init__(self, questions: list[Row], retrieved: list[Row], everyone: list[Row], shipped: list[Row]) -> None:
        """Keep the questions that are asked; `everyone` are all of the data set."""
        self.questions, self.everyone = questions, everyone
        self.retrieved = {row["question_id"]: row for row in retrieved}
        self.known = Questions(lambda: everyone)
        self.shipped = {row["question_id"]: row for row in shipped}
        self.pools = counters.split_pools(everyone, retrieved, 0, self.shipped.get)

    def drawn(self, kind: str, seed: int, questions: list[Row] | None = None) -> tuple[list[Row], list[Row]]:
        """The rows of COUNTERS and of REJECTED of some questions, or of all."""
        asked = self.questions if questions is None else questions
        rows = [self.retrieved[question["question_id"]] for question in asked]
        return counters.draw(asked, self.pools, rows, kind, injectors.load(kind), seed)

    def losses(self, kind: str) -> str:
        """The cells of a row of LOSSES: how many questions pass with one counter-passage, and why the others do not."""
        kept, lost = self.drawn(kind, 0)
        rows, setting = list(self.retrieved.values()), condition("c", "1", "keep", "first")
        composed, uncomposed = compose(self.questions, rows, kept, setting, SHOWN, 0)
        passed = []
        for split in sorted({question["split"] for question in self.questions}):
            ids = {question["question_id"] for question in self.questions if question["split"] == split}
            mine = [row for row in composed if row["question_id"] in ids]
            sound, rejected = gate(mine, rows, False, None, self.known, split)
            passed += sound
            lost += rejected
        drawn = {row["question_id"] for row in kept}
        lost += [row for row in uncomposed if row["question_id"] in drawn]
        assert len(lost) + len(passed) == len(self.questions)
        reasons = sorted(Counter(row["reason"] for row in lost).items(), key=lambda one: (-one[1], one[0]))
        told = ", ".join(f"{n} `{reason}`" for reason, n in reasons)
        return f"{len(self.questions)} | {len(passed)} | {told or 'none'} |"


@cache
def embedded() -> Data:
    """Every fourth test question of the embedded data set, as config/config.yaml retrieves for them."""
    made = data_sets.embedded()
    asked = [question for question in made.questions if question["split"] == "test"][::ASKED]
    return Data(asked, retrieve(asked, made.corpus, DEPTH), made.questions, [])


@cache
def ramdocs() -> Data:
    """The first 200 questions of RAMDocs; pytest skips where the file is not there."""
    source = {"kind": "local", "layout": "ramdocs", "path": str(real(RAMDOCS))}
    with tempfile.TemporaryDirectory() as folder:
        read = Prepared(Path(folder), source)
    return Data(read.questions, read.passages, read.questions, read.counters)


def pages() -> dict[str, str]:
    """The pages by the name of their injector."""
    return {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.md"))}


def kinds(name: str) -> list[str]:
    """The kinds of an injector: one for each of its settings."""
    return [kind for kind in injectors.names() if kind.partition(".")[0] == name]


def blocks(page: str) -> tuple[list[Row], list[Row]]:
    """The examples of a page, and its pieces of a config."""
    read = [yaml.safe_load(block) for block in YAML.findall(page)]
    return [block for block in read if "kind" in block], [block for block in read if "kind" not in block]


def example(given: Mapping[str, Any]) -> Row:
    """An example whole: what it is made from, then what becomes of it."""
    if "record" in given:
        return _shipped(given)
    [asked] = [one for one in embedded().everyone if one["question"] == given["question"]]
    told = {key: given[key] for key in ("kind", "seed", "question")} | {"answers": asked["answers"]}
    if "written" in given:
        return told | _written(given, asked)
    [row], _ = embedded().drawn(given["kind"], given["seed"], [asked])
    shown = row["passages"][: len(given["after"])]
    parents = {passage["passage_id"]: passage for passage in embedded().retrieved[asked["question_id"]]["passages"]}
    before = [parents[one] for one in dict.fromkeys(passage["parent_id"] for passage in shown) if one]
    told |= {"counter_answer": row["counter_answer"], "counter_aliases": row["counter_aliases"]}
    if before:
        told |= {"before": [{key: one[key] for key in ("passage_id", "title", "text")} for one in before]}
    return told | {"after": [_seen(passage) for passage in shown]}


def _seen(passage: Row) -> Row:
    return {key: passage[key] for key in ("title", "text", "stance", "parent_id", "source_id")}


def _shipped(given: Mapping[str, Any]) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        file = write_lines(Path(folder) / "q.jsonl", [given["record"]])
        read = Prepared(Path(folder), {"kind": "local", "questions": str(file)})
    data = Data(read.questions, read.passages, read.questions, read.counters)
    [row], _ = data.drawn(given["kind"], given["seed"])
    told = {key: given[key] for key in ("kind", "seed", "record")}
    told |= {"counter_answer": row["counter_answer"], "counter_aliases": row["counter_aliases"]}
    return told | {"after": [_seen(passage) | {"origin": passage["origin"]} for passage in row["passages"]]}


def _written(given: Mapping[str, Any], asked: Row) -> Row:
    """What the model is asked, and which of its texts are kept."""
    written = list(given["written"])
    conversations = ask([asked], embedded().pools, given["kind"], PromptSet("ours"), 96, given["seed"]).conversations
    conversation = conversations[asked["question_id"]]
    prompts = next(conversation)
    [[message]] = {prompt.messages for prompt in prompts}
    try:
        conversation.send([Generation(p.prompt_id, t, "stop", 1, 1) for p, t in zip(prompts, written, strict=True)])
    except StopIteration as done:
        row = done.value
    told = {"counter_answer": row["counter_answer"], "counter_aliases": row["counter_aliases"]}
    return told | {"prompt": message.content, "written": written, "after": [_seen(p) for p in row["passages"]]}


def _renewed(page: str) -> str:
    def block(found: re.Match[str]) -> str:
        read = yaml.safe_load(found[1])
        if "kind" not in read:
            return found[0]
        return f"```yaml\n{yaml.safe_dump(example(read), sort_keys=False, allow_unicode=True, width=110)}```"

    return YAML.sub(block, page)


if __name__ == "__main__":
    for name, page in pages().items():
        sources = [("embedded, every fourth of test", embedded)]
        left = re.findall(r"^\| RAMDocs.*\n", page, re.MULTILINE)
        if (REAL / RAMDOCS).is_file():
            sources, left = [*sources, ("RAMDocs, first 200", ramdocs)], []
        lines = [
            f"| {title}, `{kind}` | {data().losses(kind)}\n"
            for kind in kinds(name)
            if not injectors.written(kind)
            for title, data in sources
        ] + left
        table = re.compile(re.escape(LOSSES) + r"(?:\|.*\|\n)*")
        (FOLDER / f"{name}.md").write_text(_renewed(table.sub(LOSSES + "".join(lines), page)))
