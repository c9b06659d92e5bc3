"""A data set's questions, one after the other: each gets an id and a split, and its passages a stance.

Counter-passages are screened. Whatever cannot be used is counted and written down with its reason.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..core.identity import canonical_json, content_id, row_seed
from ..core.tables import Row, rejection
from ..text import matching
from ..text.answer_types import answer_type_of
from ..text.markup import has_markup, is_broken
from ..text.passages import passage
from ..text.stance import COUNTER, SUPPORTING, passage_holds, stance_of
from . import notices, screening
from .layouts import DEMONSTRATION, Item, Text
from .schemas import SPLITS

DRAWN = "drawn"  # the split of a source whose questions are divided by their subjects


class Intake:
    """What has to be remembered from record to record: ids, counts, demonstrations."""

    def __init__(self, name: str, source: Row, add: dict[str, Any], usual_split: str) -> None:
        """Begin with nothing; `add` has what writes a row of each table, by its name in Paths."""
        self.name = name
        self.stated = source.get("split", usual_split).replace(DRAWN, "")  # the split of a question that states none
        self.source = source
        self.add = add
        self.file = ""
        self.splits: Counter[str] = Counter()
        self.read: Counter[str] = Counter()  # records of a split, the rejected ones among them
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.details: dict[str, str] = {}  # of the first row that was rejected for a reason
        self.given = notices.Answers()
        self.demonstrations: list[Row] = []
        self.others: Counter[str] = Counter()  # questions with a column that the layout does not read, by its name
        self._ids: dict[bytes, bytes] = {}  # ids, and what they name
        self._texts: dict[bytes, str] = {}  # question text: the split that has it, the test where both have

    def reject(self, question_id: str, reason: str, detail: str) -> None:
        """Write down and count what cannot be used."""
        self.reasons[reason] += 1
        self.details.setdefault(reason, f"{question_id}: {detail}")
        self.add["rejected"](rejection(question_id, reason, detail))

    def why(self) -> str:
        """Return the three most frequent reasons for rejection, each with the detail of its first row."""
        told = [f"{reason} ({n} times, first {self.details[reason]})" for reason, n in self.reasons.most_common(3)]
        return "; ".join(told) or "its files are empty, or hold a header alone"

    def take(self, item: Item) -> None:
        """Write the rows of one question, or reject it."""
        row = self._question(item)
        identifier, split = row["question_id"], row["split"]
        self.read[split] += 1
        if fault := _fault(item, split):
            self.reject(identifier, *fault)
            return
        if split == DEMONSTRATION:
            self._demonstrate(item, row)
            return
        if not self._named(row):
            self.reject(identifier, "duplicate-question", f"{self.file}: {item.question!r} is there already")
            return
        identifier = row["question_id"]
        self._count_text(item.question, split)
        self.splits[split] += 1
        self.counts["questions"] += 1
        self.given.see(row["answers"][0])
        self.counts.update(item.notes)
        self.add["questions"](row)
        if item.others:
            self.others.update(item.others.keys())
            columns = json.dumps(item.others, ensure_ascii=False, default=str)
            self.add["others"]({"question_id": identifier, "columns": columns})
        self._count_debris(item)
        if item.passages:
            self.add["passages"]({"question_id": identifier, "passages": self._passages(item, row)})
        if item.counter_answers:
            self._counter(item, row)
        if item.rationale.strip() and split == "train":
            self.add["rationales"]({"question_id": identifier, "rationale": item.rationale.strip()})
            self.counts["questions_with_rationale"] += 1
        if item.parts:
            parts = [{"question": question, "answers": list(answers)} for question, answers in item.parts]
            self.add["parts"]({"question_id": identifier, "long_answers": _long(item), "parts": parts})
            self.counts["questions_with_parts"] += 1

    def _demonstrate(self, item: Item, row: Row) -> None:
        """Keep a demonstration, which is a training question as a rule, unless the test asks it."""
        if self._texts.get(_text_key(item.question)) == "test":
            self.reject(row["question_id"], "question-of-the-test", f"{self.file}: {item.question!r}")
            return
        self.demonstrations.append(_demonstration(item, row))
        self.counts["demonstrations"] += 1

    def _question(self, item: Item) -> Row:
        answers = [answer.strip() for answer in item.answers if answer.strip()]
        identifier = item.identifier or content_id([item.question, answers])  # the same in every entry of the config
        # A split that is drawn goes by the subject, so that no entity is in both.
        drawn = "train" if row_seed(0, "split", item.subject or item.group or identifier) % 2 else "test"
        stated = item.split if "split" not in self.source and item.split else self.stated
        return {
            "question_id": identifier,
            "dataset": self.name,
            "split": stated or drawn,
            "question": item.question.strip(),
            "answers": answers,
            "subject": item.subject,
            "relation": item.relation,
            "answer_type": item.answer_type or answer_type_of(answers),
            "popularity": item.popularity,
        }

    def _named(self, row: Row) -> bool:
        """Give a question an id of its own where its id is another's; tell whether the question itself is new.

        A question that stands in both splits is two questions: the gates take it from the training.
        """
        content = _digest(canonical_json([row["question"], row["answers"], row["split"]]))
        given = row["question_id"]
        for identifier in (given, f"{given}-{content.hex()[:8]}"):
            key = _digest(identifier)
            if key not in self._ids:
                self._ids[key] = content
                row["question_id"] = identifier
                if identifier != given:
                    self.counts["ids_given_again"] += 1
                return True
            if self._ids[key] == content:
                return False
        return False

    def _count_debris(self, item: Item) -> None:
        """Count texts with HTML, which stays, and with broken characters: neither is found as what it should be."""
        passages = [text.text for text in (*item.passages, *item.counters)]
        asked = [item.question, *item.answers, *item.counter_answers]
        found = {
            "passages_with_markup": sum(map(has_markup, passages)),
            "passages_with_broken_characters": sum(map(is_broken, passages)),
            notices.MARKED: any(map(has_markup, asked)),
            notices.BROKEN: any(map(is_broken, asked)),
        }
        self.counts.update({name: n for name, n in found.items() if n})

    def _count_text(self, question: str, split: str) -> None:
        """Count questions with the words of another: with other answers, or on the other side of the split."""
        key = _text_key(question)
        first = self._texts.get(key)
        if first != "test":
            self._texts[key] = split
        if first is None:
            return
        self.counts["same_words_as_another_question"] += 1
        self.counts["same_words_as_a_question_of_the_other_split"] += first != split

    def _passages(self, item: Item, question: Row) -> list[Row]:
        """Return what the question is shown without a conflict, each text once; the best first, if all have scores."""
        shown: list[Row] = []
        known: set[str] = set()
        for text in item.passages:
            told = document(text.title, text.text)
            if told["passage_id"] in known:
                self.counts["passages_shipped_twice"] += 1
                continue
            known.add(told["passage_id"])
            stance = text.stance or stance_of(told, question["answers"], question["subject"])
            one = {**_shipped(text, len(shown) + 1, stance), "file_rank": len(shown) + 1}
            if text.stance:
                self._audit(one, item)
            shown.append(one)
        if ranked := _scored_order(shown):
            self.counts[f"questions_with_{ranked}_scores"] += 1
        if ranked == "ascending":
            shown.reverse()  # of two that are equal, the later is the better here, as the file has it
        elif ranked == "mixed":
            shown.sort(key=lambda one: -one["score"])
        shown = [{**one, "rank": rank} for rank, one in enumerate(shown, 1)]
        self.counts["passages"] += len(shown)
        self.counts["questions_with_passages"] += 1
        self.counts["questions_with_supporting_passages"] += any(one["stance"] == SUPPORTING for one in shown)
        return shown

    def _audit(self, one: Row, item: Item) -> None:
        """Count where a file's labels and the words of its passages disagree."""
        holds = passage_holds(one, item.answers)
        if one["stance"] == SUPPORTING and not holds:
            self.counts["labelled_supporting_without_gold_answer"] += 1
        if one["stance"] != SUPPORTING and holds:
            self.counts["labelled_otherwise_with_gold_answer"] += 1
        if item.counter_answers and passage_holds(one, item.counter_answers):
            self.counts["shown_without_conflict_with_counter_answer"] += 1

    def _counter(self, item: Item, question: Row) -> None:
        """Write the counter-answer and the counter-passages that are sound."""
        identifier, gold = question["question_id"], question["answers"]
        counter = list(dict.fromkeys(answer.strip() for answer in item.counter_answers))
        self.counts["counter_passages_read"] += len(item.counters)
        if fault := screening.answers(gold, counter):
            for _ in range(max(1, len(item.counters))):  # once for each passage that is lost with it
                self.reject(identifier, *fault)
            return
        kept: list[Row] = []
        for text in item.counters:
            one = {**_shipped(text, len(kept) + 1, COUNTER), "counter_answer": counter[0]}
            if text.answer and not any(matching.same(text.answer, name) for name in counter):
                fault = ("other-counter-answer", f"supports {text.answer!r}, the question's is {counter[0]!r}")
            elif any(one["passage_id"] == other["passage_id"] for other in kept):
                fault = ("duplicate-passage", f"passage {one['passage_id']}: shipped more than once")
            else:
                fault = screening.passage(one, gold, counter, question["answer_type"])
            if fault:
                self.reject(identifier, *fault)
            else:
                kept.append(one)
        self.counts["counter_passages"] += len(kept)
        self.counts["questions_with_counter_answer"] += 1
        self.counts["questions_with_counter_passages"] += bool(kept)
        self.add["counters"](
            {"question_id": identifier, "counter_answer": counter[0], "counter_aliases": counter, "passages": kept}
        )


def _fault(item: Item, split: str) -> tuple[str, str] | None:
    if split not in (*SPLITS, DEMONSTRATION):
        return "unknown-split", f"split is {split!r}, expected train or test"
    if not item.question.strip():
        return "empty-question", "the question has no text"
    if split == DEMONSTRATION:
        return None if item.rationale.strip() else ("no-rationale", "a demonstration without a rationale")
    if not any(answer.strip() for answer in item.answers):
        return "no-gold-answer", item.question
    return None


def _demonstration(item: Item, question: Row) -> Row:
    """Return a demonstration as demonstrations.py chooses them; what the model remembers is not known here."""
    held = any(passage_holds(document(text.title, text.text), question["answers"]) for text in item.passages)
    return {
        "question_id": question["question_id"],
        "condition": "clean",
        "state": "external" if held else "neither",
        "question": question["question"],
        "answers": question["answers"],
        "long_answers": _long(item),
        "rationale": item.rationale.strip(),
    }


def _long(item: Item) -> list[str]:
    return [answer.strip() for answer in item.long_answers if answer.strip()]


def document(title: str, text: str) -> Row:
    """Return a passage's title, text and id."""
    title, text = title.strip(), text.strip()
    return {"passage_id": content_id([title, text]), "title": title, "text": text}


def _shipped(text: Text, rank: int, stance: str) -> Row:
    told = document(text.title, text.text)
    return passage(**told, rank=rank, score=text.score, origin="shipped", stance=stance)


def _scored_order(shown: Sequence[Row]) -> str:
    """Say how scores stand in a file: descending, ascending, equal, mixed; missing for some; "" where none is told."""
    scores = [one["score"] for one in shown if one["score"] is not None]
    if len(scores) < len(shown):
        return "missing" if scores else ""
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(scores)]
    if not any(steps):
        return "equal" if steps else ""
    return "descending" if max(steps) <= 0 else "ascending" if min(steps) >= 0 else "mixed"


def _text_key(question: str) -> bytes:
    """Return what two questions of the same words share, whatever their case and blanks."""
    return _digest(" ".join(question.casefold().split()))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()
