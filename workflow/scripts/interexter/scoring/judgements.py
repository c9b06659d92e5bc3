"""What an answer says: its label, and the judgements that published scorers make of it.

The label reads the *final answer* only, at token boundaries, and so do exact match and F1, after
SQuAD's normalization. The official accuracy, str-em, the attack's success and Context-DPO's rule read
everything that the model wrote, by substrings; they are there for comparison with published figures.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from ..core.tables import optional, table_schema
from ..text import matching
from ..text.labels import label
from ..text.normalization import FOLDED, PUNCTUATION_BYTES, normalized, tidied, unpunctuated

LABELLED = table_schema(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    question_id=pa.string(),
    relation=pa.string(),
    popularity=pa.float64(),  # 0 where the data set has no figure
    final_answer=pa.string(),  # what the text ends in
    official=pa.bool_(),  # a gold answer is a substring of the whole text
    str_em=pa.float64(),  # share of the question's valid answers with an alias as a substring of the whole text
    attacked=pa.bool_(),  # the counter-answer is a substring of the whole text
    follows=pa.bool_(),  # a counter-alias is a substring of the text, no gold answer is, and no negation word is there
    strict=pa.bool_(),  # the label is gold
    exact=pa.bool_(),  # the final answer equals a gold answer after normalization
    f1=pa.float64(),  # of tokens: the final answer against the gold answer that fits it best
    probability=optional(pa.float64()),  # that the model gave its final answer; null where that is not known
    label=pa.string(),  # gold | counter | both | neither | abstain
    keeps_memory=pa.bool_(),  # the final answer says what the closed-book answer says
    closed_book_label=pa.string(),  # the base model's
    state=pa.string(),
    passages_gold=pa.bool_(),
    passages_counter=pa.bool_(),
)


_OF_ARTICLES = frozenset(["a", "n", "an", "t", "h", "e", "th", "he", "the"])  # every part of one
_CONTROLS = bytes(code for code in range(128) if not chr(code).isprintable() and not chr(code).isspace())
_APART = "\x01"
_NEGATION = re.compile(r" (?:n(?:o(?:t|ne|body|thing|where|r)?|e(?:ver|ither))|cannot|without|hardly) ")


class Judgements(NamedTuple):
    """All that is judged of answers, a list for each judgement; the names are those of columns of tables.LABELS."""

    label: list[str]
    official: list[bool]
    str_em: list[float]
    attacked: list[bool]
    follows: list[bool]
    strict: list[bool]
    exact: list[bool]
    f1: list[float]
    keeps_memory: list[bool]


def judge(
    texts: Sequence[str],
    final_answers: Sequence[str],
    gold: Sequence[Sequence[str]],
    counter: Sequence[Sequence[str]],
    closed_book: Sequence[tuple[str, str]],
    parts: Sequence[Sequence[Sequence[str]]] = (),
) -> Judgements:
    """Judge answers; they are normalized together, which takes a fraction of the time.

    Args:
        texts: everything that the model wrote, for each answer.
        final_answers: what it ends in.
        gold: the aliases of the gold answer.
        counter: the forms of the counter-answer, the counter-answer itself first; may be empty.
        closed_book: the label of the closed-book answer, and everything that the model wrote for it.
        parts: the answers of each part of the question, empty for a question of one part; () if none has parts.
    """
    lowered, said = [*map(unpunctuated, texts)], _all(final_answers)
    names, wrong_names = [*_all_nested(gold)], [*_all_nested(counter)]
    found = [label(*answer) for answer in zip(final_answers, gold, counter, strict=True)]
    in_text = [_in(*answer) for answer in zip(lowered, names, strict=True)]
    asked_for = zip(texts, in_text, parts or [()] * len(texts), strict=True)
    told = zip(in_text, lowered, wrong_names, strict=True)
    remembered = zip(found, final_answers, closed_book, strict=True)
    return Judgements(
        label=found,
        official=in_text,
        str_em=[str_em(text, groups) if groups else float(held) for text, held, groups in asked_for],
        attacked=[bool(wrong) and attacked(text, wrong[0]) for text, wrong in zip(texts, counter, strict=True)],
        follows=[not held and _endorsed(text, wrong) for held, text, wrong in told],
        strict=[one == "gold" for one in found],
        exact=[bool(answer) and answer in right for answer, right in zip(said, names, strict=True)],
        f1=[_best_overlap(*answer) for answer in zip(said, names, strict=True)],
        keeps_memory=[keeps_memory(one, answer, *memory) for one, answer, memory in remembered],
    )


def official(text: str, gold: Sequence[str]) -> bool:
    """Tell whether a gold answer is a substring of the whole text, both normalized.

    This is the accuracy of InstructRAG (Wei et al., ICLR 2025, arXiv 2406.13629), in its code the
    function `exact_presence`. It ignores token boundaries on purpose ("in" is found in "India").
    A gold answer of which the normalization leaves nothing never matches.
    """
    return _in(unpunctuated(text), [*map(normalized, gold)])


def str_em(text: str, groups: Sequence[Sequence[str]]) -> float:
    """Return the share of valid answers, each a group of aliases, with an alias as a substring of the text.

    The metric of ASQA's short answers (Stelmakh et al., EMNLP 2022, arXiv 2204.06092), as ALCE (Gao et
    al., EMNLP 2023, arXiv 2305.14627) and InstructRAG compute it. For a question with one group it
    is `official`.
    """
    return sum(official(text, group) for group in groups) / len(groups)


def exact_match(answer: str, gold: Sequence[str]) -> bool:
    """Tell whether an answer equals a gold answer, both normalized: SQuAD's EM (Rajpurkar et al., EMNLP 2016)."""
    return normalized(answer) in {name for name in map(normalized, gold) if name}


def f1(answer: str, gold: Sequence[str]) -> float:
    """Return 2PR / (P + R) of the normalized words of an answer and the gold answer that fits it best.

    P and R are the shares of the answer's words and of the gold answer's that the other has, counted as
    often as both have them. Source: SQuAD's evaluation (Rajpurkar et al., EMNLP 2016).
    """
    return _best_overlap(normalized(answer), [*map(normalized, gold)])


def attacked(text: str, counter_answer: str) -> bool:
    """Tell whether the counter-answer is a substring of the text: PoisonedRAG's success of an attack.

    Source: Zou et al., USENIX Security 2025, arXiv 2402.07867; as in its code, both are stripped of
    outer spaces and one final dot, and lower-cased. Only the counter-answer itself counts, in no other
    form, also inside words, and whether the text endorses it or warns of it.
    """
    name = counter_answer.strip()
    if name and name[-1] != "." and name in text:  # as it stands: the text's case and ends need no look
        return True
    name = _cleaned(name)
    return bool(name) and name in _cleaned(text)


def follows(text: str, gold: Sequence[str], counter: Sequence[str]) -> bool:
    """Tell whether a text counts for the context in Context-DPO's scorer, the context holding the counter-answer.

    So it does if a form of the counter-answer is a substring of it, no gold answer is, and none of
    twelve negation words ("no", "not", "never", ...) is one of its words, all normalized.
    Source: Bi et al., ACL Findings 2025, arXiv 2412.15280, the functions `recall_score` and `get_score`
    of its evaluation.py. The rule makes "not Paris but Lyon" no answer at all; an answer that names
    both sides counts for memory there. Negated contractions ("isn't") are no negation words.
    """
    return not official(text, gold) and _endorsed(unpunctuated(text), [*map(normalized, counter)])


def keeps_memory(found: str, answer: str, closed_book_label: str, closed_book_text: str) -> bool:
    """Tell whether an answer, labelled `found`, says what the closed-book answer says.

    Where the closed-book answer takes a side, or both, the answer has to be labelled so. Where it
    names something else, one of the two must hold the other at token boundaries. A model that
    abstains has no memory to keep.
    """
    if closed_book_label in ("gold", "counter", "both"):
        return found == closed_book_label
    if closed_book_label != "neither" or found != "neither":
        return False  # as most: what the closed-book answer ends in need not be looked for
    return matching.nested(answer, matching.final_answer(closed_book_text))


def _all(texts: Sequence[str]) -> list[str]:
    """Normalize texts; those of ASCII as one long text, whose parts a control character keeps apart."""
    if not texts:
        return []
    plain = texts if all(map(str.isascii, texts)) else [text for text in texts if text.isascii()]
    letters = f" {_APART} ".join(plain).encode("ascii").translate(FOLDED, PUNCTUATION_BYTES)
    if len(letters) - len(letters.translate(None, _CONTROLS)) != max(0, len(plain) - 1):
        return [*map(normalized, texts)]  # one has control characters of its own, which may stand beside an article
    spaced = f" {letters.decode()} "
    for needless in ("  ", " a ", " an ", " the "):
        while needless in spaced:  # one pass leaves every other of a row
            spaced = spaced.replace(needless, " ")
    parts = [part.strip(" ") for part in spaced.split(_APART)]
    if plain is texts:
        return parts
    rest = iter(parts)
    return [next(rest) if text.isascii() else normalized(text) for text in texts]


def _all_nested(lists: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Normalize lists of texts."""
    flat = _all([text for texts in lists for text in texts])
    start = 0
    for texts in lists:
        yield flat[start : start + len(texts)]
        start += len(texts)


def _in(lowered: str, names: Sequence[str]) -> bool:
    """Tell whether a normalized name that is not empty is a substring of the normalized text of `unpunctuated`.

    Articles and spaces go from few places of a text. Most names can be told without, at a fraction of the cost: they
    stand in the text as it is and no article can be in the way, or one of their words stands nowhere in it.
    """
    for name in names:
        first, _, others = name.partition(" ")
        if first not in lowered:
            continue  # as most
        if name in lowered:
            if name and (_is_plain(name) or name in tidied(lowered)):
                return True
        elif others and all(map(lowered.__contains__, others.split())) and name in tidied(lowered):
            return True
    return False


def _is_plain(name: str) -> bool:
    """Tell whether a normalized name consists of words none of which may be a part of an article in a text."""
    words = name.split()
    return _OF_ARTICLES.isdisjoint(words) and all(map(str.isalnum, words))


def _endorsed(lowered: str, counter: Sequence[str]) -> bool:
    """Tell whether a text of `unpunctuated` holds a normalized form of the counter-answer, and no negation word."""
    return _in(lowered, counter) and not _NEGATION.search(f" {lowered} ")


def _best_overlap(said: str, names: Sequence[str]) -> float:
    """Return F1 of a text and the name that fits it best, all normalized."""
    if said and said in names:
        return 1.0
    ours, best = said.split(), 0.0
    distinct = set(ours)
    if distinct.isdisjoint(" ".join(names).split()):
        return 0.0  # as most that are not equal
    for name in names:
        theirs = name.split()
        shared = len(distinct.intersection(theirs))
        if shared:
            if shared < min(len(ours), len(theirs)):  # a word may come twice on both sides
                shared = (Counter(ours) & Counter(theirs)).total()
            best = max(best, 2 * shared / (len(ours) + len(theirs)))
    return best


def _cleaned(text: str) -> str:
    """Strip outer spaces and one final dot, unless it is all there is, and lower-case."""
    text = text.strip()
    return (text[:-1] if len(text) > 1 and text[-1] == "." else text).lower()
