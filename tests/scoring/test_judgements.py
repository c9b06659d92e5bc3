"""Labels of final answers, and the official accuracy of whole texts."""

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL
from interexter.core.tables import read_rows, write_rows
from interexter.data.schemas import PARTS, QUESTIONS
from interexter.injection.compose import EXAMPLES
from interexter.scoring import judgements
from interexter.scoring.error_reports import reports_errors
from interexter.scoring.judgements import LABELLED
from interexter.scoring.labelling import Sources, labelled
from interexter.text.labels import label_of, label_of_mentions
from interexter.text.normalization import normalized
from recall_rows import believed, recalled

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
GOLD, COUNTER = ["Paris", "City of Light"], ["Lyon"]


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("There is no information in the documents.", "no", "abstain"),  # its "no" answers nothing
        ("I don't know. No answer.", "no", "abstain"),
        ("No. There is no information on more.", "no", "gold"),
        ("There is no information.", "yes", "abstain"),
        ("Unknown Pleasures", "Unknown Pleasures", "gold"),  # more than the phrase in it
        ("unknown", "unknown", "gold"),  # all of the phrase
        ("It is unknown; perhaps Lima", "Lima", "gold"),
    ],
)
def test_what_says_that_nothing_is_known_takes_no_side(answer: str, gold: str, expected: str) -> None:
    other = "no" if gold == "yes" else "yes"
    assert label_of(answer, [gold], [other]) == expected
    mirror = {"gold": "counter"}
    assert label_of(answer, [other], [gold]) == mirror.get(expected, expected)


def test_label_without_a_counter_answer() -> None:
    assert label_of("Lyon", GOLD, []) == "neither"
    assert label_of("Lyon", GOLD, [""]) == "neither"


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("The documents agree: it is Paris, not Lyon.", ["Paris"], True),  # the whole text, negation and all
        ("It lies in India", ["in"], True),  # a substring of a token: the bias of this metric
        ("Indiana", ["India"], True),
        ("THE HAGUE", ["Hague"], True),
        ("They went to Hague", ["The Hague"], True),  # articles go on both sides
        ("the U.S. army", ["US"], True),  # dots go
        ("house", ["US"], True),  # and so does the case
        ("Sao Tome", ["São Tomé"], False),  # accents stay
        ("a \n new   york", ["New York"], True),
        ("Lyon", ["Paris"], False),
        ("anything", [], False),
        ("anything", ["", "The", "!?"], False),  # nothing is left of these
        ("", ["Paris"], False),
    ],
)
def test_official(text: str, gold: list[str], expected: bool) -> None:
    assert judgements.official(text, gold) is expected


def test_normalization_removes_punctuation_before_articles() -> None:
    # "(a) the-ory" -> lower -> no punctuation: "a theory" -> no articles: " theory" -> "theory"
    assert normalized("(A) The-ory ") == "theory"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_official_finds_a_gold_answer_set_off_by_spaces(before: str, after: str, name: str) -> None:
    assert judgements.official(f"{before} {name} {after}", [name]) == bool(normalized(name))


def write_inputs(folder: Path, answered: list[tuple[str, str]], known: list[str]) -> None:
    """Answers as (question_id, text, final answer); examples and evidence of the questions in `known`."""
    shared = {"condition": "replaced", "counter_answer": "Lyon", "counter_aliases": COUNTER, "passages": []}
    examples = [
        {**shared, "question_id": q, "question": "?", "answers": GOLD, "subject": "s", "relation": f"of {q}"}
        | {"popularity": 1.0, "other_names": []}
        for q in known
    ]
    evidence = [
        {"question_id": q, "condition": "replaced", "memory_gold": True, "memory_counter": False}
        | {**believed("gold"), "passages_gold": False, "passages_counter": True, "state": "internal"}
        for q in known
    ]
    answers = [
        {"question_id": q, "condition": "replaced", "method": "vanilla-rag", "text": text, "finish_reason": "stop"}
        | {"asked": "field", "prompt_tokens": 1, "output_tokens": 1, "log_probability": None, "votes": None}
        for q, text in answered
    ]
    write_rows(folder / "answers.parquet", answers, ANSWERS)
    write_rows(folder / "examples.parquet", examples, EXAMPLES)
    write_rows(folder / "evidence.parquet", evidence, EVIDENCE)
    recall = [recalled(q, "Paris") for q in known]
    write_rows(folder / "recall.parquet", recall, RECALL)
    about = {"dataset": "vital", "question": "?", "subject": "s", "relation": "of", "popularity": 0.0}
    for split, names in (("train", ["q9"]), ("test", known)):
        rows = [about | {"question_id": q, "split": split, "answers": GOLD, "answer_type": "place"} for q in names]
        write_rows(folder / f"{split}.parquet", rows, QUESTIONS)
    asked = [{"question": "where?", "answers": ["Lyon", "Nice"]}, {"question": "and?", "answers": ["Lille"]}]
    write_rows(folder / "parts.parquet", [{"question_id": "q2", "long_answers": [], "parts": asked}], PARTS)


def run_label(folder: Path) -> subprocess.CompletedProcess[str]:
    script = SCRIPTS / "label.py"
    command = [sys.executable, script, "--out", folder / "labels.parquet", "--dataset", "vital", "--model", "m"]
    tables = ("answers", "examples", "evidence", "recall", "train", "test", "parts")
    command += [part for name in tables for part in (f"--{name}", folder / f"{name}.parquet")]
    command += ["--checkpoint", "base", "--prompt-sets", '{"vanilla-rag": "ours"}', "--order", "given"]
    return subprocess.run([*map(str, command), "--seed", "7"], check=False, capture_output=True, text=True)


def test_the_script_labels_the_final_answer_and_joins_by_question(tmp_path: Path) -> None:
    answered = [("q2", "Paris? No. Final answer: Lyon"), ("q1", "Final answer: Paris")]
    write_inputs(tmp_path, answered, known=["q1", "q2", "q3"])  # q3: an example whose prompt was rejected
    done = run_label(tmp_path)
    assert done.stdout == "label: n_in=2 n_out=2 gold=1 counter=1 both=0 neither=0 abstain=0 unfinished=0\n", (
        done.stderr
    )
    second, first = read_rows(tmp_path / "labels.parquet", LABELLED)
    # the final answer is the counter-answer, although the text, which the official accuracy reads, names gold
    assert (second["question_id"], second["label"], second["strict"], second["official"]) == (
        "q2",
        "counter",
        False,
        True,
    )
    assert (first["question_id"], first["label"], first["strict"], first["official"]) == ("q1", "gold", True, True)
    assert (second["final_answer"], second["prompt_set"]) == ("Lyon", "ours")
    assert (first["relation"], first["state"], first["closed_book_label"]) == ("of q1", "internal", "gold")
    assert (first["passages_gold"], first["passages_counter"]) == (False, True)
    # q1 keeps the closed-book answer, Paris; q2 names the counter-answer, but its text names Paris and says "No"
    assert [(r["attacked"], r["follows"], r["exact"], r["f1"], r["keeps_memory"]) for r in (first, second)] == [
        (False, False, True, 1.0, True),
        (True, False, False, 0.0, False),
    ]
    # q1 has one part, its gold answers, of which one is there; q2 has two, of which its text holds one
    assert (first["popularity"], first["str_em"], second["str_em"]) == (1.0, 1.0, 0.5)
    assert (first["answer_kind"], first["seen"], first["gold_position"]) == ("place", True, 0)
    assert (first["contested"], second["contested"]) == (True, True)
    assert (first["dataset"], first["condition"], first["method"], first["seed"]) == (
        "vital",
        "replaced",
        "vanilla-rag",
        7,
    )


def test_votes_are_certified(tmp_path: Path) -> None:
    votes = {"robustrag-majority": ["Paris", "Paris", "Lyon"]}
    write_inputs(tmp_path, [("q1", "Paris")], known=["q1"])
    [answer] = read_rows(tmp_path / "answers.parquet", ANSWERS)
    answers = [answer, *({**answer, "method": name, "votes": cast} for name, cast in votes.items())]
    write_rows(tmp_path / "answers.parquet", answers, ANSWERS)
    sources = Sources([tmp_path / "answers.parquet"], *(tmp_path / f"{name}.parquet" for name in Sources._fields[1:]))
    about = {"dataset": "vital", "model": "m", "checkpoint": "base", "order": "given", "seed": 1}
    [columns] = labelled(sources, about, dict.fromkeys(["vanilla-rag", *votes], "ours"))
    assert columns["certified"] == [None, 1]


def test_what_was_thought_is_no_part_of_an_answer(tmp_path: Path) -> None:
    thought = "<think>Paris? No: Lyon.</think>"
    answered = [("q1", f"{thought}\nFinal answer: Nice"), ("q2", thought.removesuffix("</think>"))]
    write_inputs(tmp_path, answered, known=["q1", "q2"])
    run_label(tmp_path)
    closed, cut = read_rows(tmp_path / "labels.parquet", LABELLED)
    assert [(r["label"], r["official"], r["attacked"], r["str_em"]) for r in (closed, cut)] == [
        ("neither", False, False, 0.0),
        ("unfinished", False, False, 0.0),
    ]


def test_answers_in_the_order_of_the_examples_get_the_labels_that_they_get_in_any(tmp_path: Path) -> None:
    answered = [("q1", "Paris"), ("q2", "Lyon"), ("q3", "Nice")]
    labelled = []
    for order, rows in (("same", answered), ("reversed", answered[::-1])):
        (tmp_path / order).mkdir()
        write_inputs(tmp_path / order, rows, known=["q1", "q2", "q3"])
        assert run_label(tmp_path / order).returncode == 0
        labelled.append(read_rows(tmp_path / order / "labels.parquet", LABELLED))
    assert labelled[0] == labelled[1][::-1]
    assert [(row["relation"], row["label"]) for row in labelled[0]] == [
        ("of q1", "gold"),
        ("of q2", "counter"),
        ("of q3", "neither"),
    ]


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        ([("q1", "Paris"), ("q9", "Paris")], "no row for 1 of the 2 answers"),
        ([], "there are no answers to label"),
    ],
)
def test_the_script_ends_on_bad_input_with_one_line(
    tmp_path: Path, answered: list[tuple[str, str]], message: str
) -> None:
    write_inputs(tmp_path, answered, known=["q1"])
    done = run_label(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and message in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "labels.parquet").exists()


@pytest.mark.parametrize(
    ("answer", "exact", "f1"),
    [
        ("The Paris!", True, 1.0),  # articles and punctuation go
        ("city of light", True, 1.0),
        ("Paris, France", False, 2 / 3),  # P = 1/2, R = 1
        ("the city of lights", False, 2 / 3),  # "city of" of "city of lights" and "city of light": P = R = 2/3
        ("city city", False, 2 / 5),  # counted once: P = 1/2, R = 1/3
        ("Lyon", False, 0.0),
        ("", False, 0.0),
        ("the", False, 0.0),  # nothing is left of it
    ],
)
def test_exact_match_and_f1(answer: str, exact: bool, f1: float) -> None:
    assert judgements.exact_match(answer, GOLD) is exact
    assert judgements.f1(answer, GOLD) == pytest.approx(f1)


def test_names_of_which_nothing_is_left_never_match() -> None:
    assert judgements.exact_match("the", ["The", "!"]) is False
    assert judgements.f1("the", ["The"]) == 0.0


def test_str_em_is_the_share_of_valid_answers() -> None:
    groups = [["Paris"], ["Lyon", "Lugdunum"], ["Nice"], ["Lille"]]
    assert judgements.str_em("It was Lugdunum, then Paris.", groups) == 2 / 4
    assert judgements.str_em("Parisian", [["Paris"]]) == 1.0  # by substrings


@pytest.mark.parametrize(
    ("text", "counter", "expected"),
    [
        ("It is Lyon.", "Lyon", True),
        ("It is not Lyon.", "Lyon", True),  # a warning counts
        ("The Lyonnais say Paris", "lyon", True),  # so does a part of a word
        ("by 1.5.", " 1.5. ", True),  # one final dot and outer spaces go
        ("Paris", "Lyon", False),
        ("anything", "", False),
        ("e.g.", ".", True),  # a dot alone stays
    ],
)
def test_the_success_of_an_attack(text: str, counter: str, expected: bool) -> None:
    assert judgements.attacked(text, counter) is expected


@given(dotted := st.lists(st.sampled_from(["a", "B", "b", ".", " ", "\u00e9"]), max_size=6).map("".join), dotted)
def test_an_attack_is_told_as_in_the_code_of_poisonedrag(text: str, counter: str) -> None:
    def cleaned(told: str) -> str:
        told = told.strip()
        return (told[:-1] if len(told) > 1 and told.endswith(".") else told).lower()

    assert judgements.attacked(text, counter) == (cleaned(counter) != "" and cleaned(counter) in cleaned(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is Lyon.", True),
        ("It isn't Lyon.", True),  # "isnt" is no negation word
        ("Lyon, without doubt", False),  # but "without" is
        ("not Paris but Lyon", False),
        ("Paris or Lyon", False),  # both: counts for memory
        ("Paris", False),
        ("Lyonnais", True),  # by substrings
        ("Nic\u00e9 is\nnot Lyon", False),  # words end at any white space
        ("Nothing\u2014Lyon", True),  # a dash beyond ASCII is no punctuation there: one word
        ("knot Lyon", True),
    ],
)
def test_the_rule_of_context_dpo(text: str, expected: bool) -> None:
    assert judgements.follows(text, GOLD, COUNTER) is expected


@pytest.mark.parametrize(
    ("found", "answer", "closed_book", "expected"),
    [
        ("gold", "Paris", ("gold", "City of Light"), True),  # the same side
        ("both", "Paris or Lyon", ("gold", "Paris"), False),
        ("counter", "Lyon", ("counter", "Lyon"), True),
        ("counter", "Lyon", ("gold", "Paris"), False),
        ("neither", "Nice", ("neither", "It is Nice."), True),
        ("neither", "Lille", ("neither", "It is Nice."), False),
        ("abstain", "unknown", ("abstain", "unknown"), False),  # no memory to keep
        ("abstain", "", ("neither", "Nice"), False),
        ("neither", "The capital of France is Nice.", ("neither", "Nice, France"), True),  # both add "nice"
        ("neither", "The capital of France is Nice.", ("neither", "The capital of France is Lille."), False),
        ("neither", "The capital of France", ("neither", "France"), False),  # they add nothing
        ("neither", "?", ("neither", "Nice"), False),
    ],
)
def test_keeping_memory(found: str, answer: str, closed_book: tuple[str, str], expected: bool) -> None:
    assert judgements.keeps_memory(found, answer, *closed_book, "What is the capital of France?") is expected


@pytest.mark.parametrize(
    ("answer", "counter", "expected"),
    [
        ("1955 and 1972", ["1980"], True),
        ("In 1955.", ["1980"], False),  # one of two valid answers
        ("1955, 1972 or 1980", ["1980"], False),  # and a wrong one
        ("1955, 1972", [], True),
        ("the Fifties, 1972", ["1980"], True),  # an alias
        ("", [], False),
    ],
)
def test_all_valid_answers_and_no_wrong_one(answer: str, counter: list[str], expected: bool) -> None:
    assert judgements.all_valid(answer, [["1955", "fifties"], ["1972"]], counter) is expected


words = st.lists(
    st.sampled_from(
        ["Paris", "Lyon", "the", "a", "a", "not", "City", "of", "Light", "no.", "Nic\u00e9", "\x00the", "I"]
    )
).map(" ".join)


answered = st.tuples(words, words, st.lists(words, max_size=3), st.lists(words, max_size=3))


@given(answered)
def test_an_answer_is_judged_as_each_scorer_alone_judges_it(row: tuple[str, str, list[str], list[str]]) -> None:
    text, answer, gold, counter = row
    judged = judgements.judge(text, answer, gold, counter, ("neither", "Nic\u00e9"), [gold, ["Lyon"]] if gold else [])
    assert judged.label == label_of(answer, gold, counter)
    assert judged.label_by_mention == label_of_mentions(answer, gold, counter)
    assert judged.strict == (judged.label == "gold")
    assert judged.official == judgements.official(text, gold)
    assert judged.str_em == judgements.str_em(text, [gold, ["Lyon"]] if gold else [gold])
    assert judged.all_valid == judgements.all_valid(answer, [gold, ["Lyon"]] if gold else [gold], counter)
    assert judged.detects_errors == reports_errors(text)
    assert judged.attacked == (bool(counter) and judgements.attacked(text, counter[0]))
    assert judged.follows == judgements.follows(text, gold, counter)
    assert judged.exact == judgements.exact_match(answer, gold)
    assert judged.f1 == judgements.f1(answer, gold)
    assert judged.keeps_memory == judgements.keeps_memory(judged.label, answer, "neither", "Nic\u00e9")
    assert 0 <= judged.f1 <= 1 and (judged.f1 == 1 or not judged.exact)


pieces = st.sampled_from(
    ["a", "an", "the", "t", "he", "th", "n", "e", "x", "mail", " ", "  ", "\n", ".", "-", "\u2013", "\x02", "\u0301"]
)
pieced = st.lists(pieces, max_size=9).map("".join)


@settings(max_examples=500)
@given(pieced, st.lists(pieced, max_size=3))
def test_names_are_found_in_a_text_as_in_its_normalized_form(text: str, names: list[str]) -> None:
    normal = [name for name in map(normalized, names) if name]
    assert judgements.official(text, names) == any(name in normalized(text) for name in normal)


def naively_normalized(text: str) -> str:
    without = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", without).split())


@given(st.text(alphabet=st.characters(max_codepoint=140), max_size=30) | pieced)
def test_normalization_is_that_of_squad_step_by_step(text: str) -> None:
    assert normalized(text) == naively_normalized(text)


def test_the_benchmark_of_the_official_accuracy_by_hand(tmp_path: Path) -> None:
    about = {"dataset": "d", "question": "?", "subject": "", "relation": "", "answer_type": "", "popularity": 0.0}
    # The sentence without content has "doc" within a word, "documents" as one, and no "Osk"; q4 is not of the test.
    names = {"q1": "doc", "q2": "documents", "q3": "Osk", "q4": "documents"}
    rows = [
        about | {"question_id": q, "split": "train" if q == "q4" else "test", "answers": [a]} for q, a in names.items()
    ]
    write_rows(tmp_path / "questions.parquet", rows, QUESTIONS)
    command = [sys.executable, SCRIPTS.parents[1] / "benchmarks/official.py"]
    command += ["--questions", tmp_path / "questions.parquet"]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    assert "questions=3 with_an_answer_of_two_characters_or_fewer=0.0%" in done.stdout, done.stderr
    assert "sentence without content    66.7%                 33.3%   33.3%" in done.stdout
