"""Facts become questions: worded, split by entity, and rejected with a reason where one would not be sound."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ...core.identity import content_id, row_seed
from ...core.tables import Row, rejection
from ...text import matching
from ...text.stance import SUPPORTING, stance_of
from .relations import RELATIONS, Fact

SPLITS = ("train", "dev", "test")
_SHARES = (9, 10, 20)  # of twenty entities nine are for training, one for development, ten for the test


def questions(facts: Iterable[Fact], corpus: Mapping[str, Sequence[Row]], name: str) -> tuple[list[Row], list[Row]]:
    """Return the sound questions as rows of QUESTIONS, without their popularity, and the rejected ones.

    `corpus` holds the passages by title.
    """
    facts = list(facts)
    entities = entity_of(facts)
    asked: dict[str, list[Row]] = defaultdict(list)
    rejected = []
    for fact in facts:
        row = _question(fact, entities, name)
        if fault := fact.fault or _fault(row, corpus.get(fact.article, ())):
            rejected.append(_rejection(row, fault))
        else:
            asked[" ".join(matching.words(row["question"]).folded)].append(row)
    kept = [same[0] for same in asked.values() if len(same) == 1]
    twice = [row for same in asked.values() if len(same) > 1 for row in same]
    rejected += [_rejection(row, "asked-of-several-articles") for row in twice]
    return sorted(kept, key=_id), sorted(rejected, key=_id)


def entity_of(facts: Sequence[Fact]) -> dict[str, str]:
    """Return the entity of each article and subject: what is joined by a fact lies in one split.

    A capital and its country are asked about from both sides, so articles and subjects that share a fact are joined.
    """
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    for fact in facts:
        first, second = sorted((root(_key(fact.article)), root(_key(fact.subject))))
        parent[second] = first
        if fact.relation == "capital_of" and fact.answers:
            first, second = sorted((root(_key(fact.article)), root(_key(fact.answers[0]))))
            parent[second] = first
    return {one: root(one) for one in parent}


def split_of(entity: str) -> str:
    """Return the split of an entity, drawn by the hash of its name."""
    drawn = row_seed(0, "vital", entity) % _SHARES[-1]
    return next(split for split, share in zip(SPLITS, _SHARES, strict=True) if drawn < share)


def _question(fact: Fact, entities: Mapping[str, str], name: str) -> Row:
    relation = RELATIONS[fact.relation]
    form = relation.forms[row_seed(0, fact.relation, fact.subject) % len(relation.forms)]
    return {
        "question_id": content_id(["vital", fact.relation, fact.article, fact.subject]),
        "dataset": name,
        "split": split_of(entities[_key(fact.subject)]),
        "question": form.format(s=fact.subject, **fact.words),
        "answers": list(fact.answers),
        "subject": fact.subject.removeprefix("the "),
        "relation": fact.relation,
        "answer_type": relation.answer_type,
        "popularity": 0.0,
    }


def _fault(row: Row, passages: Sequence[Row]) -> str:
    """Return why a question is not sound, or ""."""
    answers, subject = row["answers"], row["subject"]
    if not answers or not all(matching.has_words(name) for name in answers):
        return "no-gold-answer"
    if matching.holds(row["question"], answers):
        return "the-question-gives-its-answer"
    if matching.first_nested([subject], answers):
        return "the-answer-gives-the-subject"
    if not any(stance_of(passage, answers, subject) == SUPPORTING for passage in passages):
        return "no-passage-holds-the-answer"
    return ""


def _rejection(row: Row, reason: str) -> Row:
    return rejection(row["question_id"], reason, f"{row['relation']}: {row['question']} {row['answers']}")


def _id(row: Row) -> str:
    return str(row["question_id"])


def popularities(subjects: Iterable[str], leads: Mapping[str, str]) -> Counter[str]:
    """Return in how many leads each subject is mentioned, its own among them; `leads` by title.

    The longest name counts: "Papua New Guinea" mentions no Guinea.
    """
    wanted: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for subject in subjects:
        wanted[matching.words(subject).folded].append(subject)
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in sorted(filter(None, wanted), key=len, reverse=True):
        by_first[name[0]].append(name)
    counts: Counter[str] = Counter()
    for title, lead in leads.items():
        told, start, found = matching.words(lead).folded, 0, set()
        while start < len(told):
            names = (name for name in by_first.get(told[start], ()) if told[start : start + len(name)] == name)
            if name := next(names, ()):
                found.add(name)
            start += len(name) or 1
        own = matching.words(title).folded
        counts.update(subject for name in found if name != own[: len(name)] for subject in wanted[name])
    return Counter({subject: 1 + counts[subject] for some in wanted.values() for subject in some})


def _key(name: str) -> str:
    return " ".join(matching.words(name.removeprefix("the ")).folded)
