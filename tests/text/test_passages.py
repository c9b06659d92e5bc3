"""A passage is built in one place, with the columns of its schema in their order."""

from interexter.text.passages import PASSAGE, passage


def test_a_passage_has_every_column_and_what_injects_nothing_is_null() -> None:
    built = passage("p1", "Peru", "Lima is its capital.", rank=1, origin="retrieved", stance="supporting")
    assert list(built) == [field.name for field in PASSAGE]
    assert {name for name, value in built.items() if value is None} == {
        field.name for field in PASSAGE if field.nullable
    }
