"""The order of passages: of their indices and of nothing else; the published rule on the published files."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_sets import Prepared, real
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.tables import Row
from interexter.injection.ordering import ORDERS, indices

ROOT = Path(__file__).parents[2]


def ranked(*scores: float | None, shipped: bool = True) -> list[Row]:
    """Passages with these scores in a file, the best first as a data set's table has them."""
    rows = [{"score": score, "file_rank": n if shipped else None} for n, score in enumerate(scores, 1)]
    return sorted(rows, key=lambda row: -(row["score"] or 0))


def shown(passages: list[Row], order: str) -> str:
    return " ".join(str(passages[index]["score"]) for index in indices(passages, order))


@pytest.mark.parametrize(
    ("order", "five", "four"),
    [
        ("best-first", "5 4 3 2 1", "4 3 2 1"),
        ("best-last", "1 2 3 4 5", "1 2 3 4"),
        ("lost-in-the-middle", "5 3 1 2 4", "4 2 1 3"),
    ],
)
def test_orders_are_of_ranks_whatever_the_file(order: str, five: str, four: str) -> None:
    for file in ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 1, 5, 2, 4]):
        assert shown(ranked(*file), order) == five
    assert shown(ranked(1, 2, 3, 4), order) == four
    assert (shown(ranked(7), order), shown([], order)) == ("7", "")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ((1, 2, 3), "1 2 3"),  # the best last already
        ((3, 2, 1), "1 2 3"),
        ((2, 1, 3), "3 1 2"),  # by the first two alone
        ((1, 3, 2), "1 3 2"),
        ((2, 2, 1), "2 2 1"),
        ((None, None), "None None"),
        ((1,), "1"),
        ((), ""),
    ],
)
def test_as_published_turns_the_file_round_where_its_first_score_is_the_greater(file: Any, expected: str) -> None:
    assert shown(ranked(*file), "as-published") == expected


def test_as_published_what_a_retriever_found_stands_best_last() -> None:
    assert shown(ranked(1, 3, 2, shipped=False), "as-published") == "1 2 3"


@given(st.lists(st.integers(1, 99)), st.sampled_from(ORDERS), st.booleans())
def test_nothing_is_lost_in_any_order(scores: list[int], order: str, shipped: bool) -> None:
    passages = ranked(*scores, shipped=shipped)
    assert sorted(indices(passages, order)) == list(range(len(passages)))


def theirs(contexts: list[Row]) -> list[str]:
    """The rule of InstructRAG's code on its own records, whose scores are texts."""
    in_order = contexts[::-1] if contexts[0]["score"] > contexts[1]["score"] else contexts
    return [context["text"].strip() for context in in_order]


@pytest.mark.parametrize("name", ["popqa", "asqa"])
def test_the_published_demonstrations_are_shown_as_their_code_shows_them(name: str, tmp_path: Path) -> None:
    path = real(f"instructrag-{name}-demos.json")
    records = json.loads(path.read_text())
    done = Prepared(tmp_path, {"kind": "local", "layout": "instructrag", "path": str(path), "split": "test"})
    assert done.card["counts"]["questions_with_ascending_scores"] == len(records) == 2
    for row, record in zip(done.passages, records, strict=True):
        passages = row["passages"]
        texts = [[passages[index]["text"] for index in indices(passages, order)] for order in ORDERS]
        assert texts[ORDERS.index("as-published")] == theirs(record["ctxs"])
        assert texts[ORDERS.index("best-last")] == theirs(record["ctxs"])
        assert texts[ORDERS.index("best-first")] == theirs(record["ctxs"])[::-1]
        assert [p["rank"] for p in passages] == [1, 2, 3, 4, 5]
        assert [p["file_rank"] for p in passages] == [5, 4, 3, 2, 1]
        assert passages[0]["score"] == max(float(context["score"]) for context in record["ctxs"])


def test_the_schema_knows_the_same_orders_and_two_former_names() -> None:
    schema = yaml.safe_load((ROOT / "workflow/scripts/interexter/study/config.schema.yaml").read_text())
    assert tuple(schema["properties"]["order"]["enum"]) == (*ORDERS, "given", "reversed")
    assert schema["properties"]["order"]["default"] == ORDERS[0]
