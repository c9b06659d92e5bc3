"""The page of single examples and its pieces: what they hold, and that nothing in them becomes markup."""

import base64
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from interexter.answers.kept_prompts import PROMPTS
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.report import browser, pieces
from interexter.report.inputs import Inputs
from made_study import CONDITIONS, EVIL, SERIES, Made, read, write
from test_report import elements, script, without_parts


class Written(NamedTuple):
    """A page and its pieces, read as its script reads them."""

    page: str
    catalog: dict[str, Any]
    folder: Path

    def listed(self, cut: list[list[int]]) -> list[Any]:
        """Return a list that was cut into pieces."""
        items = []
        for number, count in cut:
            script = (self.folder / f"{number}.js").read_text(encoding="ascii")
            [packed] = re.findall(rf'^piece\({number},"([A-Za-z0-9+/=]*)"\);\n$', script)
            part = json.loads(gzip.decompress(base64.b64decode(packed)))
            assert len(part) == count
            items += part
        return items


def written(run: Inputs, folder: Path) -> Written:
    folder.mkdir(parents=True)
    page = browser.render(run, folder, "pieces")
    [text] = re.findall(r'<script type="application/json" id="catalog">(.*?)</script>', page, re.DOTALL)
    return Written(page, json.loads(text), folder)


@pytest.fixture(scope="module")
def examples(run: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(run, tmp_path_factory.mktemp("page") / "pieces")


def test_the_page_has_one_script_whose_hash_its_policy_names_and_loads_none_but_its_own(examples: Written) -> None:
    found = elements(examples.page)
    scripts = [attributes for tag, attributes in found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "catalog"}, {}]
    code = script(examples.page)
    [policy] = [a["content"] or "" for _, a in found if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'self' 'sha256-")
    assert not {"src", "srcset", "action"} & {name for _, attributes in found for name in attributes}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert name not in code


def test_no_text_of_data_or_model_becomes_markup(made: Made, examples: Written, tmp_path: Path) -> None:
    assert EVIL not in examples.page and "<img" not in examples.page
    for path in examples.folder.iterdir():  # a call and base64, whatever the texts are
        assert re.fullmatch(r'piece\(\d+,"[A-Za-z0-9+/=]*"\);\n', path.read_text(encoding="ascii"))
    said = [text for run in examples.catalog["runs"] for text, _ in examples.listed(run["texts"])]
    assert sum(EVIL in text for text in said) > 8  # read, they are as they were
    odd = "</script><!--<script> \u2028 & \x00"
    answers = {part: [row | {"text": odd} for row in rows] for part, rows in made.answers.items()}
    labels = [row | {"relation": odd} for row in made.labels]
    asked = {name: [row | {"relation": odd} for row in rows] for name, rows in made.examples.items()}
    study = replace(made, answers=answers, labels=labels, examples=asked)
    changed = written(read(write(study, tmp_path / "results")), tmp_path / "pieces")
    assert changed.listed(changed.catalog["runs"][0]["texts"])[0][0] == odd.replace("\x00", "\ufffd")
    assert changed.catalog["relations"] == [odd.replace("\x00", "\ufffd")]
    elements(changed.page)


def test_every_answer_is_there_with_its_question_and_its_passages(made: Made, examples: Written) -> None:
    runs = examples.catalog["runs"]
    assert len(runs) == len(CONDITIONS) * len(SERIES)
    labels = examples.catalog["labels"]
    found = []
    for run in runs:
        questions, passages = examples.listed(run["questions"]), examples.listed(run["passages"])
        assert [len(shown) for shown in passages] == [question[5] for question in questions]
        texts = examples.listed(run["texts"])
        for (asked, label, closed), (text, final) in zip(examples.listed(run["answers"]), texts, strict=True):
            about = (run["condition"], questions[asked][4], labels[label], labels[closed], text, final)
            if not run["method"].startswith("interexter-ft"):  # two checkpoints have that method
                found.append((run["method"], *about))
    said = {
        (part[2], row["method"], row["condition"], row["question_id"]): row["text"]
        for part, rows in made.answers.items()
        for row in rows
    }
    names = ("method", "condition", "question_id", "label", "closed_book_label")
    assert sorted(found) == sorted(
        (
            *(row[name] for name in names),
            said[row["checkpoint"], row["method"], row["condition"], row["question_id"]],
            row["final_answer"],
        )
        for row in made.labels
        if row["method"] != "interexter-ft"
    )
    # Passages are those of the condition, in the order of their ranks.
    replaced = next(run for run in runs if run["condition"] == "all-replaced")
    first = examples.listed(replaced["passages"])[0]
    assert [(stance, injector) for _, _, stance, injector in first] == [
        ("counter", "entity-substitution"),
        ("irrelevant", ""),
    ]


def test_what_was_asked_stands_beside_each_answer_where_it_was_kept(
    made: Made, examples: Written, tmp_path: Path
) -> None:
    assert not any("prompts" in run for run in examples.catalog["runs"])
    config = {**made.config, "generate": {**made.config["generate"], "keep_prompts": True}}
    results = write(replace(made, config=config), tmp_path / "results")
    kept = written(read(results), tmp_path / "pieces")
    for run in kept.catalog["runs"]:
        questions, answers = kept.listed(run["questions"]), kept.listed(run["answers"])
        asked = kept.listed(run["prompts"])
        assert len(asked) == len(answers)
        for (index, *_), shown in zip(answers, asked, strict=True):
            method = shown[0][1][1][1].split()[1]
            assert run["method"].startswith(method)
            words = f"{EVIL} {method} {run['condition']} {questions[index][4]}"
            one = ["Prompt 1 of 1", [["system", "Answer.\N{REPLACEMENT CHARACTER}"], ["user", words]]]
            two = [
                ["Prompt 1 of 2", one[1]],
                ["Prompt 2 of 2", [["user", words]]],
                ["Prompt 2 of 2, read beside it", [["user", f"bare {words}"]]],
            ]
            assert shown == (two if method.startswith("interexter") else [one])
    assert "alert" not in kept.page
    stale = next(results.rglob("*.prompts.parquet"))
    tables.write_rows(stale, [], PROMPTS)
    with pytest.raises(UserError, match=r"no prompts are kept beside the answer of .* different runs"):
        written(read(results), tmp_path / "again")


def test_runs_stand_in_the_order_of_the_page(examples: Written) -> None:
    runs = [(run["method"], run["condition"]) for run in examples.catalog["runs"]]
    assert list(dict.fromkeys(condition for _, condition in runs)) == list(CONDITIONS)
    assert [method for method, condition in runs if condition == "clean"][:3] == [
        "closed-book",
        "vanilla-rag",
        "instructrag-icl",
    ]


def test_a_question_has_the_counter_answer_of_the_condition(made: Made, tmp_path: Path) -> None:
    def other(row: dict[str, Any]) -> dict[str, Any]:
        return row | ({"counter_aliases": ["Elsewhere"]} if row["condition"] == "one-added" else {})

    study = replace(made, examples={name: [other(row) for row in rows] for name, rows in made.examples.items()})
    page = written(read(write(study, tmp_path / "results")), tmp_path / "pieces")
    counters = {run["condition"]: page.listed(run["questions"])[0][2] for run in page.catalog["runs"]}
    assert counters["one-added"] == ["Elsewhere"] != counters["clean"]


def test_a_long_list_is_cut_into_pieces_of_bounded_size(
    made: Made, run: Inputs, examples: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "SIZE", 500)
    page = written(run, tmp_path / "pieces")
    for one, cut in zip(examples.catalog["runs"], page.catalog["runs"], strict=True):
        for name in ("questions", "passages", "answers", "texts"):
            assert page.listed(cut[name]) == examples.listed(one[name])
    assert len(page.catalog["runs"][0]["questions"]) > 5
    for path in page.folder.iterdir():
        [packed] = re.findall(r'"(.*)"', path.read_text(encoding="ascii"))
        text = gzip.decompress(base64.b64decode(packed)).decode()
        assert len(text) <= 501 or len(json.loads(text)) == 1


def test_a_page_without_answers_or_metrics_stands(run: Inputs, tmp_path: Path) -> None:
    assert written(without_parts(run), tmp_path / "without").catalog["runs"] == []
    runs = written(replace(run, metrics=[]), tmp_path / "metrics").catalog["runs"]
    assert runs[0]["method"] == "vital/smollm2-135m/base/closed-book"
