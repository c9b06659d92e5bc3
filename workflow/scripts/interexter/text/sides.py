# ruff: noqa: RUF001 - letters and stops of other scripts that look like Latin ones are meant
"""Which sides an answer takes: the names that it asserts, not those that it only mentions.

The answer is read clause by clause.

1. A clause asserts the names in it.
2. A clause that denies, rejects or doubts ("not Lyon", "Lyon is wrong", "I do not know if it is Lyon") asserts none,
   and one that rejects what was just said ("which is wrong") takes it back.
3. The strongest clauses decide: what is concluded ("so it is Paris", "the answer is Paris"), then what is asserted,
   what may be ("possibly Lyon"), what is quoted or asked ("Document 1 says Lyon"), and what is conceded ("although it
   is near Lyon"). Of two quotes with a "however" between them the later counts.
4. An answer that also says that nothing is known takes no side by a quote, nor two sides at once.
5. Yes and no count where they end a clause or stand before it: "so no", "No, it is not", but not "no information".
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from .abstention import says_unknown
from .answer_types import BOOLEAN, answer_type_of
from .matching import holds, mentions

SIDES = ("gold", "counter")
_MARKS = {"\ufdd0": {"gold"}, "\ufdd1": {"counter"}, "\ufdd2": {"gold", "counter"}}  # stand for names
_MARK = "[\ufdd0-\ufdd2]"
_IS = r"(?:is|are|was|were|did|does|has)\b"
_TURNS = (  # words that begin a clause, with or without a comma before
    r"but|however|yet|although|though|while|whereas|despite|in spite of|regardless of|notwithstanding|rather than"
    r"|instead of|as opposed to|contrary to|and not|and no longer|so|hence|thus|whatever|therefore"
    r"|sondern|aber|mais|sino|ma|pero|mas|und nicht|et non|y no|e non|e não|maar|en niet|utan|och inte"
    r"|og ikke|a nie|vaan|hanem|tetapi|melainkan|mà"
    r"|بل|بلکه|אלא"
)
_STARTS = (  # words that begin a clause after a comma
    r"not|no matter|nor|it|it's|this|that|that's|these|they|he|she|the|i|i'm|i'd|we|my|there|maybe|perhaps|probably"
    r"|possibly|likely|which|who|instead|rather|thus|since|because|as|documents?|one|some|others|c'est|es|é|ma|а|но"
    r"|nicht|pas|non|no|não|не|niet|inte|ikke|nie|lecz|ale|men|nem|bukan|không"
)
_DENIED_BEFORE = (
    r"(?<=değil),|(?<=नहीं),|(?<=아니라)|(?<=ではなく)て?、?|(?<=じゃなく)て?、?"  # "not" stands behind the name
)
_BREAK = re.compile(
    rf"(?<=[.!?;:。！？])\s+|\n+|\s*[，；—]\s*|\s+[–-]+\s+"
    rf"|,?\s+(?=(?:{_TURNS})\b)|(?<!however),\s+(?=(?:{_STARTS})\b)"
    rf"|(?:,|,?\s+and)\s+(?={_MARK}\s+{_IS})|(?<=\bnot {_MARK}),\s+(?={_MARK}\W*\Z)|{_DENIED_BEFORE}|(?=而是|แต่)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_HARMLESS = re.compile(
    r"\b(?:no doubt|without(?: a)? doubt|no question|not only|not just|no(?:ne)? other than|nothing but"
    r"|no (?:less|more) than|no matter|not far|cannot be denied|no longer in doubt"
    r"|(?:not|n't)(?: \w+){0,2}? (?:before|until))\b",
    re.IGNORECASE,
)
_WRONG = (
    r"(?:wrong(?:ly)?|incorrect\w*|false\w*|mistak\w+|misconception|misleading|erroneous\w*|in error|outdated"
    r"|inaccurate|untrue|myth|(?:not|n't) (?:correct|right|true|accurate)|falsch|faux|falso|errad[oa]|sbagliat[oa])"
)
_DENIES = re.compile(
    rf"\b(?:no|not|never|neither|nor|none|nothing|cannot|{_WRONG}|rather than|instead of|unlike|contrary to|opposed to"
    r"|other than|except|unclear|unknown|uncertain|unsure|unlikely|doubt\w*|reject\w*|dismiss\w*|disregard\w*"
    r"|discard\w*|ruled? out"
    r"|nicht|kein\w*|pas|não|non|не|niet|geen|inte|ikke|nie|není|ei|nem|bukan|không|değil|δεν|όχι|לא|نه|نیست)\b(?!-)"
    r"|n['\u2019]t\b|不|并非|ではな|じゃな|아니|ليس|नहीं|ไม่ใช่",
    re.IGNORECASE,
)
_REJECTS = re.compile(
    rf"\W*(?:but|and|however|yet|aber|mais|pero|mas)?\W*\b(?:which|this|that|it|they|these|both|das|dies|cela|eso|esto|isso"
    rf"|questo)\b.{{0,25}}?\b{_WRONG}\b",
    re.IGNORECASE,
)
_MAY_BE = re.compile(r"\b(?:could|may|might|possibly|possible|perhaps|maybe)\b", re.IGNORECASE)
_QUOTES = re.compile(
    r"\b(?:documents?|passages?|texts?|sources?|context|memory|articles?|one|others?|some|it|which)\b[^.]{0,30}?"
    r"\b(?:say|state|claim|mention|name|naming|report|suggest|indicate|list)(?:s|ed)?\b"
    r"|\b(?:according to|laut|selon|según)\b",
    re.IGNORECASE,
)
_CONCEDES = re.compile(
    r"\b(?:although|though|despite|in spite of|regardless of|notwithstanding|while|whereas|whatever)\b", re.IGNORECASE
)
_CONCLUDES = re.compile(
    r"\W*(?:so|hence|thus|therefore)\b|.*\b(?:the|my|correct|right|final) answer (?:is|would be)\b", re.IGNORECASE
)
_CONTRAST = re.compile(r"\W*(?:but|however|yet)\b", re.IGNORECASE)
_NO_NAME = re.compile(rf"\A\W*(?:yes|no),(?=\s)|\bas far as i (?:know|can tell|remember)\b|{_MARK}", re.IGNORECASE)
_SOURCE = re.compile(r"\b((?:according to|laut|selon|según) [^,.;]{1,40}),", re.IGNORECASE)  # of what follows the comma
_COURTESY = re.compile(r"\b(?:let me know|hope (?:this|that)|feel free|questions about)\b", re.IGNORECASE)


class Force(IntEnum):
    """How a clause means the names in it."""

    DENIED = 0
    CONCEDED = 1
    QUOTED = 2
    POSSIBLE = 3
    ASSERTED = 4
    CONCLUDED = 5


class Clause(NamedTuple):
    """A clause with names: the sides that these belong to, and how they are meant."""

    sides: set[str]
    force: Force
    contrasts: bool = False  # with what was said before


def sides_of(
    answer: str,
    gold: Sequence[str],
    counter: Sequence[str],
    least: Force = Force.QUOTED,
    others: Sequence[str] = (),
) -> set[str]:
    """Return which of SIDES an answer takes, by the rule of this module; names meant with less force do not count.

    `others` are longer names of something else: a name within one of them is none.
    """
    if answer_type_of([*gold, *counter]) == BOOLEAN:
        return _sides_of_boolean(answer, gold, counter)
    held = [names if holds(answer, names, others) else () for names in (gold, counter)]
    held_sides = {side for side, names in zip(SIDES, held, strict=True) if names}
    if not held_sides:
        return held_sides
    if len(held_sides) == 1 and "?" not in answer and _force(answer) == Force.ASSERTED:
        return held_sides  # nothing in the answer could take it back
    answer = _SOURCE.sub(r"\1", _NO_NAME.sub("", answer))
    said = [clause for clause in _clauses(_marked(answer, held[0], held[1], others)) if clause.force >= least]
    force = max((clause.force for clause in said), default=Force.DENIED)
    sides: set[str] = set()
    for clause in said:
        if clause.force == force:
            sides = clause.sides if force <= Force.QUOTED and clause.contrasts else sides | clause.sides
    if (force <= Force.QUOTED or len(sides) > 1) and says_unknown(answer):
        return set()
    return sides


def _marked(answer: str, gold: Sequence[str], counter: Sequence[str], others: Sequence[str]) -> str:
    """Return an answer with a mark for each name; one within a longer one of the other side is none."""
    found = {side: mentions(answer, names, others) for side, names in zip(SIDES, (gold, counter), strict=True)}
    spans = {span for side in SIDES for span in found[side]}
    outer = [(a, b) for a, b in spans if not any(c <= a and b <= d and (c, d) != (a, b) for c, d in spans)]
    for span in sorted(outer, reverse=True):
        sides = {side for side in SIDES if span in found[side]}
        mark = next(mark for mark, meant in _MARKS.items() if meant == sides)
        answer = answer[: span[0]] + mark + answer[span[1] :]
    return answer


def _clauses(told: str) -> list[Clause]:
    """Return the clauses of a marked answer that have names, with what stands in brackets as clauses of their own."""
    clauses: list[Clause] = []
    for text in _BREAK.split(_BRACKETS.sub(" ", told)):
        if sides := _sides_in(text):
            clauses.append(Clause(sides, _force(text), bool(_CONTRAST.match(text))))
        elif clauses and _REJECTS.match(text):
            clauses[-1] = clauses[-1]._replace(force=Force.DENIED)
    for bracket in _BRACKETS.finditer(told):
        within = bracket[1] or bracket[2] or ""
        before = _BREAK.split(told[: bracket.start()])[-1]
        bare = not re.search(r"\w", within)  # the name alone: meant as what stands before
        if bare and _sides_in(within):
            clauses.append(Clause(_sides_in(within), _force(before)))
        else:
            clauses.extend(_clauses(within))
    return clauses


def _sides_in(text: str) -> set[str]:
    return {side for mark, sides in _MARKS.items() if mark in text for side in sides}


def _force(clause: str) -> Force:
    """Return how a clause means its names."""
    plain = _HARMLESS.sub(" ", clause)
    if _COURTESY.search(plain) or _DENIES.search(plain):
        return Force.DENIED
    if _CONCEDES.search(plain):
        return Force.CONCEDED
    if _QUOTES.search(plain) or (plain.rstrip().endswith("?") and re.search(r"\w", _MAY_BE.sub("", plain))):
        return Force.QUOTED
    if _MAY_BE.search(plain) or plain.rstrip().endswith("?"):
        return Force.POSSIBLE
    return Force.CONCLUDED if _CONCLUDES.match(plain) else Force.ASSERTED


_YES, _NO = ("yes", "true", "correct", "yeah", "yep", "affirmative"), ("no", "false", "incorrect", "nope")
_PART = re.compile(r"[.,;:!?()\n]+|\s*—\s*|\s+[–-]+\s+|\s+(?=(?:but|so|hence|therefore)\b)", re.IGNORECASE)
_REPLY = re.compile(
    rf"(?:(?!.*\bnot\b).*\b)?({'|'.join(_YES + _NO)})(?: (?:it|they|he|she|i|we|the|this|both)\b.*)?", re.IGNORECASE
)
_NOT_SO = re.compile(
    r"(?:.*\b)?(?:not|n['\u2019]t) (?:true|correct|right|so|the case)\b.*|never|no way|not (?:at all|really)"
    r"|(?:absolutely|definitely|certainly|of course) not",
    re.IGNORECASE,
)
_SURELY = re.compile(r"(?:absolutely|definitely|certainly|of course|indeed)", re.IGNORECASE)  # the whole of an answer
_AROUND = re.compile(r"\A[\W_]+|[\W_]+\Z")  # marks
_ECHO = re.compile(
    r"(?:it|they|he|she|this|that|both) (?:is|are|was|were|do|does|did|has|have|can)( ?(?:not|n['\u2019]t))?"
    r"|i['\u2019]m afraid (not)",
    re.IGNORECASE,
)


def _replies(parts: Sequence[str]) -> set[bool]:
    """Return what parts of an answer reply with yes (True) or no."""
    said = {reply[1].lower() in _YES for part in parts if (reply := _REPLY.fullmatch(part))}
    return said | {False for part in parts if _NOT_SO.fullmatch(part)}


def _sides_of_boolean(answer: str, gold: Sequence[str], counter: Sequence[str]) -> set[str]:
    """Return the sides of an answer to a question of yes or no; "It does." is a yes, "It does not." a no."""
    parts = [_AROUND.sub("", part) for part in _PART.split(answer)]
    own = [part for part in parts if not _CONCEDES.search(part) and not _QUOTES.search(part)]
    replies = _replies(own) or _replies(parts)  # what is quoted or conceded counts where nothing else does
    replies = replies or {not (echo[1] or echo[2]) for part in parts if (echo := _ECHO.fullmatch(part))}
    replies = replies or {True for _ in parts[:1] if _SURELY.fullmatch("".join(parts))}
    return {
        side
        for side, names in zip(SIDES, (gold, counter), strict=True)
        if names and (names[0].strip(". ").lower() in _YES) in replies
    }
