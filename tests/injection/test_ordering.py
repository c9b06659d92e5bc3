"""The order of passages: a change of ranks and of nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.injection.ordering import ORDERS, ordered

ROOT = Path(__file__).parents[2]


def shown(order: str, n: int) -> str:
    passages = [{"title": str(rank), "rank": rank} for rank in range(1, n + 1)]
    rows = ordered(passages, order)
    assert [row["rank"] for row in rows] == list(range(1, n + 1))
    return " ".join(row["title"] for row in rows)


@pytest.mark.parametrize(
    ("order", "five", "four"),
    [
        ("given", "1 2 3 4 5", "1 2 3 4"),
        ("reversed", "5 4 3 2 1", "4 3 2 1"),
        ("lost-in-the-middle", "1 3 5 4 2", "1 3 4 2"),
    ],
)
def test_orders(order: str, five: str, four: str) -> None:
    assert shown(order, 5) == five
    assert shown(order, 4) == four
    assert (shown(order, 1), shown(order, 0)) == ("1", "")


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.integers(1, 99), unique=True), st.sampled_from(ORDERS), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_the_order_of_the_list_does_not_count(ranks: list[int], order: str, shuffler: Any) -> None:
    passages = [{"title": f"T{rank}", "rank": rank, "score": 1 / rank} for rank in ranks]
    before = repr(passages)
    shuffled = list(passages)
    shuffler.shuffle(shuffled)
    rows = ordered(passages, order)
    assert rows == ordered(shuffled, order)
    assert repr(passages) == before
    assert sorted(row["title"] for row in rows) == sorted(p["title"] for p in passages)
    assert all(row["score"] == 1 / int(row["title"][1:]) for row in rows)


def test_the_schema_knows_the_same_orders() -> None:
    schema = yaml.safe_load((ROOT / "workflow/scripts/interexter/study/config.schema.yaml").read_text())
    assert tuple(schema["properties"]["order"]["enum"]) == ORDERS
    assert schema["properties"]["order"]["default"] == "given"
