"""What conditions came to, and which of them leave too few questions."""

from interexter.core.tables import Row
from interexter.injection.tally import Tally, empty, too_few_passages

CLEAN = {"kind": "none", "count": 0, "supporting": "keep", "position": "random", "sources": "all"}


def shown(passages: int, counter: str = "Lyon") -> Row:
    return {"passages": [{}] * passages, "counter_aliases": [counter] if counter else []}


def test_counts_of_zero_are_left_out() -> None:
    tally = Tally(passages=3)
    assert str(tally) == "n_out=0 n_rejected=0"
    tally.add([shown(3), shown(2), shown(3, counter="")], [{"reason": "leak"}])
    tally.add([shown(1)], [{"reason": "leak"}, {"reason": "bare"}])
    assert str(tally) == "n_out=4 n_rejected=3 bare=1 leak=2 without_counter_answer=1 with_fewer_passages=2"


def test_a_baseline_without_one_question_of_as_many_passages_has_too_few() -> None:
    few, enough = Tally(passages=3), Tally(passages=3)
    few.add([shown(2), shown(1)], [])
    enough.add([shown(2), shown(3)], [])
    assert too_few_passages({"clean": CLEAN}, {"clean": few}) == 2
    assert too_few_passages({"clean": CLEAN}, {"clean": enough}) is None
    assert too_few_passages({"clean": CLEAN}, {"clean": Tally(passages=3)}) is None  # a split without questions
    everything = {**CLEAN, "count": "all"}
    assert too_few_passages({"clean": CLEAN, "all": everything}, {"clean": few, "all": few}) is None


def test_a_condition_is_empty_where_all_its_questions_were_rejected() -> None:
    left, lost, nothing = Tally(passages=1), Tally(passages=1), Tally(passages=1)
    left.add([shown(1)], [{"reason": "leak"}])
    lost.add([], [{"reason": "leak"}])
    assert empty({"left": left, "lost": lost, "nothing": nothing}) == {"lost": lost}
