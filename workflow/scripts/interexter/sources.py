"""Data sets from files: JSON Lines of questions and of passages, local or of a pinned hub revision.

Both load through `datasets`. A question has `question` and `answers`, optionally `id`, `split`
(train or test), `subject`, `relation`, `answer_type` and `popularity`; a passage has `text`,
optionally `title`.
"""

from pathlib import Path
from typing import Any

from .errors import UserError
from .identity import content_id, row_seed
from .tables import Row


def load(source: Row, name: str) -> tuple[list[Row], list[Row]]:
    """Return questions (tables.QUESTIONS) and corpus (tables.CORPUS) of a `local` or `hub` source."""
    for key in ("questions", "corpus"):
        if not source.get(key):
            raise UserError(f"datasets.{name}.source.{key}: missing; name a JSON Lines file.")
    questions = [question(row, name, i) for i, row in enumerate(_rows(source, source["questions"]), 1)]
    corpus = [passage(row, source["corpus"], i) for i, row in enumerate(_rows(source, source["corpus"]), 1)]
    seen: dict[str, int] = {}
    for i, row in enumerate(questions, 1):
        if (first := seen.setdefault(row["question_id"], i)) != i:
            raise UserError(f"{source['questions']}: rows {first} and {i} have the same id or the same text.")
    return questions, list({row["passage_id"]: row for row in corpus}.values())


def question(row: Row, name: str, number: int) -> Row:
    """Return a row of tables.QUESTIONS; what has no answer is rejected later, by name."""
    if not isinstance(row.get("question"), str):
        raise UserError(f"data set {name}: row {number} has no text in `question`; it has {sorted(row)}.")
    answers = row.get("answers") or []
    if isinstance(answers, str):
        answers = [answers]
    identifier = str(row.get("id") or content_id([name, row["question"]]))
    # Without a split of its own, a question goes to train or test with its subject, so that no entity is in both.
    drawn = "train" if row_seed(0, "split", str(row.get("subject") or identifier)) % 2 else "test"
    return {
        "question_id": identifier,
        "dataset": name,
        "split": row.get("split") or drawn,
        "question": row["question"].strip(),
        "answers": [str(answer).strip() for answer in answers if str(answer).strip()],
        "subject": str(row.get("subject") or ""),
        "relation": str(row.get("relation") or ""),
        "answer_type": str(row.get("answer_type") or ""),
        "popularity": float(row.get("popularity") or 0),
    }


def passage(row: Row, path: str, number: int) -> Row:
    """Return a row of tables.CORPUS."""
    if not isinstance(row.get("text"), str) or not row["text"].strip():
        raise UserError(f"{path}: row {number} has no text in `text`; it has {sorted(row)}.")
    title, text = str(row.get("title") or "").strip(), row["text"].strip()
    return {"passage_id": content_id([title, text]), "title": title, "text": text}


def _rows(source: Row, path: str) -> list[Row]:
    """Read a JSON Lines file through `datasets`; raise UserError if it is not there or not readable."""
    import datasets

    datasets.disable_progress_bars()
    if source["kind"] == "hub":
        if not source.get("repository") or not source.get("revision"):
            raise UserError("a hub data set needs `repository` and `revision` (a commit of 40 hexadecimal digits).")
        arguments: dict[str, Any] = {"path": source["repository"], "revision": source["revision"], "data_files": path}
    elif Path(path).is_file():
        arguments = {"path": "json", "data_files": path}
    else:
        raise UserError(f"{path}: there is no such file.")
    try:
        return [dict(row) for row in datasets.load_dataset(**arguments, split="train", cache_dir=".cache/datasets")]
    except (datasets.exceptions.DatasetGenerationError, OSError, ValueError) as error:
        raise UserError(f"{path}: could not be read as JSON Lines: {error.__cause__ or error}") from error
