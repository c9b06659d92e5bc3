"""Shards: each question in exactly one, wholly, whatever else is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.engine.shards import shard


def of_shard(rows: list[Row], text: str) -> list[Row]:
    return list(filter(shard(text).holds, rows))


ROWS = st.lists(st.fixed_dictionaries({"question_id": st.text("abc", max_size=4), "condition": st.sampled_from("xy")}))


@given(ROWS, st.integers(1, 5))
def test_shards_part_the_rows_by_question_and_keep_their_order(rows: list[Row], n: int) -> None:
    parts = [of_shard(rows, f"{i}-of-{n}") for i in range(1, n + 1)]
    assert sum(map(len, parts)) == len(rows)
    for part in parts:
        questions = {row["question_id"] for row in part}
        assert part == [row for row in rows if row["question_id"] in questions]


@given(ROWS, ROWS)
def test_a_question_stays_in_its_shard_when_others_come(rows: list[Row], more: list[Row]) -> None:
    assert of_shard(rows, "1-of-3") == of_shard(rows + more, "1-of-3")[: len(of_shard(rows, "1-of-3"))]


def test_the_parts_are_of_like_size() -> None:
    rows: list[Row] = [{"question_id": str(i)} for i in range(4000)]
    for i in range(1, 5):
        # 1,000 expected, standard deviation sqrt(4000 * 1/4 * 3/4) = 27: five of them are 137.
        assert abs(len(of_shard(rows, f"{i}-of-4")) - 1000) < 137


@pytest.mark.parametrize("text", ["", "3-of-2", "0-of-2", "2", "1-of-", "1-of-2 "])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="expected a text such as 2-of-4"):
        shard(text)
