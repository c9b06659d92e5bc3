"""The line between closed-book and the reference: by hand, and what lies on it by construction."""

import random

import pyarrow as pa
import pytest
from interexter.core.tables import Row
from interexter.scoring.judgements import LABELLED
from interexter.scoring.mixture import against_mixture
from interexter.scoring.series import by_series
from labelled_rows import labelled

CONTROLS = {"clean": "clean", "replaced": "clean"}


def asked(method: str, clean: list[str], replaced: list[str]) -> list[Row]:
    rows = []
    for condition, labels in (("clean", clean), ("replaced", replaced)):
        about = {"method": method, "condition": condition, "checkpoint": "base"}
        rows += [labelled(f"q{i:04}", label, **about, cluster=f"c{i:04}") for i, label in enumerate(labels)]
    return rows


def rows_of(*series: list[Row]) -> list[Row]:
    table = pa.Table.from_pylist([row for one in series for row in one], schema=LABELLED)
    return against_mixture(by_series(table), "clean", "vanilla-rag", CONTROLS)


def labels(gold: int, counter: int, n: int = 10) -> list[str]:
    return ["gold"] * gold + ["counter"] * counter + ["neither"] * (n - gold - counter)


CLOSED_BOOK = asked("closed-book", labels(4, 0), labels(4, 0))
REFERENCE = asked("vanilla-rag", labels(8, 0), labels(2, 6))


def test_the_mixture_of_a_methods_accuracy_by_hand() -> None:
    """Halfway in accuracy (6 of 10 between 4 and 8): the mixture gives half of the reference's 6 counter-answers."""
    [row] = rows_of(CLOSED_BOOK, REFERENCE, asked("oracle", labels(6, 0), labels(5, 1)))
    assert (row["compare"], row["a"], row["b"], row["condition"]) == ("mixture", "base/oracle", "mixture", "replaced")
    assert row["value_a"] == pytest.approx(0.1)
    assert row["value_b"] == pytest.approx(0.5 * 0.6)
    assert row["difference"] == pytest.approx(-0.2)
    assert row["low"] < row["difference"] < row["high"]
    assert row["n"] == 10


def test_closed_book_and_the_reference_themselves_have_no_row() -> None:
    assert rows_of(CLOSED_BOOK, REFERENCE) == []


def test_without_one_of_them_or_without_a_gap_nothing_is_said() -> None:
    method = asked("oracle", labels(6, 0), labels(5, 1))
    assert rows_of(CLOSED_BOOK, method) == []
    assert rows_of(asked("closed-book", labels(8, 0), labels(8, 0)), REFERENCE, method) == []


def test_a_coin_between_the_two_is_on_the_line_as_often_as_its_interval_says() -> None:
    """A method that is a mixture: its difference is 0, so 95 of 100 intervals hold 0."""
    rng = random.Random(7)
    held = 0
    for _ in range(100):
        n = 120
        drawn: dict[str, dict[str, list[str]]] = {"cb": {}, "rag": {}, "mix": {}}
        known = [rng.random() < 0.4 for _ in range(n)]
        reads = [rng.random() < 0.8 for _ in range(n)]
        drawn["cb"]["clean"] = drawn["cb"]["replaced"] = ["gold" if one else "neither" for one in known]
        drawn["rag"]["clean"] = ["gold" if one else "neither" for one in reads]
        drawn["rag"]["replaced"] = ["counter" if one and rng.random() < 0.7 else "neither" for one in reads]
        coin = [rng.random() < 0.5 for _ in range(n)]
        for condition in ("clean", "replaced"):
            both = zip(coin, drawn["rag"][condition], drawn["cb"][condition], strict=True)
            drawn["mix"][condition] = [rag if head else cb for head, rag, cb in both]
        names = {"cb": "closed-book", "rag": "vanilla-rag", "mix": "oracle"}
        [row] = rows_of(*(asked(names[key], one["clean"], one["replaced"]) for key, one in drawn.items()))
        held += row["low"] <= 0 <= row["high"]
    assert 90 <= held <= 99
