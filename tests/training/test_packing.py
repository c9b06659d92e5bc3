import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.training.packing import packs


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(50, 120))
def test_each_example_is_in_one_pack_and_no_pack_is_too_full(lengths, capacity):
    found = packs(lengths, capacity)
    assert sorted(place for pack in found for place in pack) == list(range(len(lengths)))
    loads = [sum(lengths[place] for place in pack) for pack in found]
    assert all(0 < load <= capacity for load in loads)
    # Two packs that fit into one would have become one.
    assert sum(load <= capacity // 2 for load in loads) <= 1


def test_the_longest_goes_first_into_the_fullest_pack_that_has_room():
    # 7 opens a pack (3 left), 6 another (4 left); 4 fits the second only, 3 fits the first; 2 opens a third.
    assert packs([4, 7, 3, 6, 2], 10) == [[1, 2], [3, 0], [4]]


def test_equal_lengths_keep_their_order():
    assert packs([5, 5, 5, 5], 10) == [[0, 1], [2, 3]]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="11 tokens"):
        packs([3, 11], 10)
