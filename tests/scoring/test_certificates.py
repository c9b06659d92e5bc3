"""Certificates of votes: by hand, and against every attack on small tables of votes."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.answers.methods.robustrag_majority import majority
from interexter.scoring.certificates import certified_size, judged
from interexter.text.labels import label_of
from interexter.text.matching import same

GOLD, COUNTER = ["Lima", "Ciudad de los Reyes"], ["Quito"]
SENTENCE, TURNED = "Lima, not Quito.", "Lima not Quito"  # one name, of which the first writing is right
NAMES = ("", "Lima", SENTENCE, TURNED, "Quito")  # "" abstains
WRITTEN = (*NAMES, "the LIMA!", "La Paz")  # by an attacker


def size_of(votes: Sequence[str]) -> int:
    return certified_size([judged(vote, GOLD, COUNTER) for vote in votes])


def attacks(votes: Sequence[str], attacked: int) -> Iterator[list[str]]:
    """Yield all tables of votes in which so many passages are an attacker's, at any ranks, and push out the last."""
    stay = votes[: len(votes) - attacked]
    for ranks in combinations(range(len(votes)), attacked):
        for written in product(WRITTEN, repeat=attacked):
            table = list(stay)
            for rank, vote in zip(ranks, written, strict=True):
                table.insert(rank, vote)
            yield table


def withstands(votes: Sequence[str], attacked: int) -> bool:
    return all(label_of(majority(table), GOLD, COUNTER) == "gold" for table in attacks(votes, attacked))


@pytest.mark.parametrize(
    ("votes", "size"),
    [
        (["Lima", "Lima"], 0),  # of one that stays, 1 > 0 + 1 is false
        (["Lima", "Lima", "Lima"], 1),  # of two, 2 > 0 + 1; of one, 1 > 0 + 2 is false
        (["Lima", "Lima", "Quito"], 1),  # the last is pushed out
        (["Quito", "Lima", "Lima"], 0),  # of two, 1 > 1 + 1 is false
        (["Lima", "Lima", "Lima", "Quito"], 1),  # of three, 3 > 0 + 1; of two, 2 > 0 + 2 is false
        (["Lima", "Lima", "Lima", "Quito", "Lima", "Lima"], 1),  # of five, 4 > 1 + 1; of four, 3 > 1 + 2 is false
        (["Lima"] * 5, 2),  # of three, 3 > 0 + 2; of two, 2 > 0 + 3 is false
        (["Lima", "", "the LIMA.", ""], 1),  # one name; of three, 2 > 0 + 1
        (["Lima", "", "", "Lima"], 0),
        (["Lima", "Ciudad de los Reyes", "Lima", "Lima"], 1),  # two right names do not add: of three, 2 > 0 + 1
        (["Lima", "Ciudad de los Reyes", "Lima"], 0),  # of two, 1 > 0 + 1 is false
        ([SENTENCE] * 3, 1),  # of two, two votes of this form against none and one of another
        ([SENTENCE, TURNED, SENTENCE, SENTENCE], 0),  # of three, 2 > 1 + 1 is false, within the name
        ([SENTENCE, SENTENCE, SENTENCE, TURNED, SENTENCE, "Quito"], 1),  # 4 > 1 + 1 within it; 5 > 0 + 1
        ([SENTENCE, "Lima", "Lima", "Lima"], 0),  # of three, 2 > 1 + 1 is false for "Lima"
        (["Quito"] * 5, 0),  # no attack makes it right
        ([""] * 5, 0),
        ([], 0),
    ],
)
def test_how_many_passages_an_attacker_may_write(votes: list[str], size: int) -> None:
    assert size_of(votes) == size


def test_two_writings_of_one_name_may_say_different_things() -> None:
    assert same(SENTENCE, TURNED)
    assert [judged(text, GOLD, COUNTER).right for text in (SENTENCE, TURNED)] == [True, False]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_what_is_certified_is_what_withstands_every_attack(count: int) -> None:
    tables = list(product(NAMES, repeat=count))
    for attacked in range(1, min(count, 2) + 1):
        found = [size_of(votes) >= attacked for votes in tables]
        assert found == [withstands(votes, attacked) for votes in tables]
        assert any(found) == (count > 2 * attacked)


@given(st.lists(st.sampled_from(NAMES), min_size=5, max_size=7), st.integers(1, 2))
@settings(max_examples=60)
def test_so_it_is_with_more_passages(votes: list[str], attacked: int) -> None:
    assert (size_of(votes) >= attacked) == withstands(votes, attacked)


@pytest.mark.parametrize(
    ("gold", "counter"),
    [
        (["Lima"], ["Quito"]),
        (["Ciudad de los Reyes"], ["Quito"]),
        (["Yes"], ["No"]),
        (["1972"], ["1984"]),  # ".1972" is another number
        (["Xe"], ["Ar"]),  # "XE" is another name
    ],
)
@given(
    before=st.text(" .,;:!?()-\"'\n*", max_size=3),
    after=st.text(" .,;:!?()-\"'\n*", max_size=3),
    case=st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_a_vote_for_a_right_name_is_right_however_it_is_written(
    gold: list[str], counter: list[str], before: str, after: str, case: Callable[[str], str]
) -> None:
    written = before + case(gold[0]) + after
    assert judged(gold[0], gold, counter) == (gold[0], True, True)
    vote = judged(written, gold, counter)
    assert vote.right == vote.name == same(written, gold[0])
