"""Label the answers of one method under a block of conditions: gold, counter, both, neither or abstain."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from interexter.answers.answering import ANSWERS
from interexter.answers.evidence import EVIDENCE
from interexter.answers.recall import RECALL
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.core.tables import read_batches, read_table, write_batches
from interexter.data.schemas import PARTS
from interexter.injection.compose import EXAMPLES
from interexter.scoring.judgements import LABELLED, judge
from interexter.text.labels import LABELS

BATCH = 10_000  # answers judged at a time
KEY = ("condition", "question_id")
FROM_EXAMPLE = ("relation", "popularity")
FROM_EVIDENCE = ("closed_book_label", "state", "passages_gold", "passages_counter")


def main() -> None:
    """Read answers, examples, evidence and closed-book answers, write one label per answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--examples", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--evidence", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True, help="the parts of the data set's questions")
    series = ("dataset", "model", "checkpoint", "method", "prompt_set", "order")
    for name in series:
        parser.add_argument(f"--{name.replace('_', '-')}", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    about = {name: getattr(args, name) for name in (*series, "seed")}
    keys = read_table(args.answers, ANSWERS, KEY)
    if not keys.num_rows:
        raise UserError(f"{args.answers}: there are no answers to label; its table of rejected rows says why.")
    examples = _read(args.examples, EXAMPLES, (*KEY, "answers", "counter_aliases", *FROM_EXAMPLE))
    evidence = _read(args.evidence, EVIDENCE, (*KEY, *FROM_EVIDENCE))
    recall = read_table(args.recall, RECALL, ("question_id", "closed_book_answer"))
    places = [
        _places(keys, examples, KEY, _named(args.examples), args.answers),
        _places(keys, evidence, KEY, _named(args.evidence), args.answers),
        _places(keys, recall, ("question_id",), str(args.recall), args.answers),
    ]
    parts = {
        row["question_id"]: [part["answers"] for part in row["parts"]]
        for row in read_table(args.parts, PARTS).to_pylist()
    }
    counts: Counter[str] = Counter()

    def batches() -> Iterator[dict[str, Any]]:
        start = 0
        for answers in read_batches(args.answers, ANSWERS, (*KEY, "text", "final_answer", "log_probability"), BATCH):
            rows = [place.slice(start, answers.num_rows) for place in places]
            start += answers.num_rows
            taken = [table.take(place) for table, place in zip((examples, evidence, recall), rows, strict=True)]
            judged = _judged(answers, taken[0], taken[1], taken[2], parts)
            counts.update(judged["label"])
            yield judged | {name: pa.repeat(value, answers.num_rows) for name, value in about.items()}

    write_batches(args.out, batches(), LABELLED)
    print(f"label: n_in={keys.num_rows} n_out={counts.total()}", *(f"{n}={counts[n]}" for n in LABELS))


def _read(paths: Sequence[Path], schema: pa.Schema, columns: tuple[str, ...]) -> pa.Table:
    """Read some columns of the tables of several conditions as one."""
    return pa.concat_tables([read_table(path, schema, columns) for path in paths])


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _places(answers: pa.Table, known: pa.Table, key: tuple[str, ...], name: str, source: Path) -> pa.Array:
    """Return where in `known` each answer's row stands; raise UserError where there is none."""
    if answers.select(key).equals(known.select(key)):  # as in a run of which nothing was rejected
        return pa.arange(0, answers.num_rows)
    places = pc.index_in(_keys(answers, key), value_set=_keys(known, key))
    if places.null_count:
        absent = answers.select(key).filter(places.is_null()).to_pylist()
        first = min(tuple(row.values()) for row in absent)
        raise UserError(
            f"{name}: no row for {len(absent)} of the {len(places)} answers of {source}, first "
            f"({', '.join(key)}) {first}. The files are of different runs: delete the older, run again."
        )
    return places


def _keys(table: pa.Table, key: tuple[str, ...]) -> pa.Array:
    """Return one text for each row's key."""
    return pc.binary_join_element_wise(*(table[name] for name in key), "\0").combine_chunks()


def _judged(
    answers: pa.Table, examples: pa.Table, evidence: pa.Table, recall: pa.Table, parts: dict[str, list[list[str]]]
) -> dict[str, Any]:
    """Return the columns of LABELLED for one batch; the tables have its rows, in its order."""
    judgements = judge(
        answers["text"].to_pylist(),
        answers["final_answer"].to_pylist(),
        _lists(examples["answers"]),
        _lists(examples["counter_aliases"]),
        list(zip(evidence["closed_book_label"].to_pylist(), recall["closed_book_answer"].to_pylist(), strict=True)),
        [parts.get(question, []) for question in answers["question_id"].to_pylist()] if parts else (),
    )
    return {
        **{name: answers[name] for name in KEY},
        "probability": pc.exp(answers["log_probability"]),
        **{name: examples[name] for name in FROM_EXAMPLE},
        **{name: evidence[name] for name in FROM_EVIDENCE},
        **judgements._asdict(),
    }


def _lists(column: pa.ChunkedArray) -> list[list[str]]:
    """Return a column of lists of texts; several times faster than its to_pylist."""
    array = column.combine_chunks()
    texts, ends = array.flatten().to_pylist(), pc.cumulative_sum(array.value_lengths()).to_pylist()
    return [texts[start:end] for start, end in zip([0, *ends], ends, strict=False)]


if __name__ == "__main__":
    run(main)
