"""Let the sound examples of a condition pass, and reject the others with a reason."""

import argparse
import json
from collections import Counter
from pathlib import Path

from interexter.core import program, tables
from interexter.data.questions import Questions
from interexter.data.schemas import QUESTIONS
from interexter.injection import compose, entailment_gate, gates
from interexter.injection.compose import EXAMPLES
from interexter.injection.gates import CONTRADICTED, PARENTS


def main() -> None:
    """Read composed examples, write those that pass every gate and the reasons for the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--counters", type=Path, required=True, help="what the passages speak against")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's, of both splits")
    parser.add_argument("--split", choices=["train", "test"], required=True, help="of the examples")
    parser.add_argument("--supporting", required=True, help="the condition's, as for compose.py")
    parser.add_argument("--count", required=True, help="the condition's, as for compose.py")
    parser.add_argument("--strict", nargs="*", choices=list(gates.STRICT_GATES), default=[], help="further gates")
    parser.add_argument("--nli", type=json.loads, help="JSON object: gates.nli of the config, if that gate is wanted")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where the model of --nli runs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    gold_free = compose.gold_free(args.supporting, args.count)
    asked = Questions(lambda: tables.rows(args.all_questions, QUESTIONS))
    retrieved = tables.Follower(args.retrieved, PARENTS)
    counters = tables.Follower(args.counters, CONTRADICTED)
    setting = entailment_gate.Setting(**args.nli) if args.nli else None
    entails = entailment_gate.Model(setting, args.device) if setting else None
    reasons: Counter[str] = Counter()
    with (
        tables.Writer(args.out, EXAMPLES) as passed,
        tables.Writer(args.rejected, tables.REJECTED) as rejected,
    ):
        for table in tables.read_batches(args.examples, EXAMPLES):
            examples = table.to_pylist()
            ids = [example["question_id"] for example in examples]
            against = {row["question_id"]: row["contradicts"] for row in counters.rows(ids)}
            found = retrieved.rows(ids)
            rows, refused = gates.gate(examples, found, gold_free, against, asked, args.split, args.strict)
            if setting and entails:
                rows, unsupported = entailment_gate.screen(rows, entails, setting.threshold)
                refused += unsupported
            tables.assert_none_lost(ids, rows, refused)
            passing = {row["question_id"] for row in rows}  # unaltered: written as they were read
            passed.write_table(table.filter([question_id in passing for question_id in ids]))
            rejected.write(*refused)
            reasons.update(row["reason"] for row in refused)
    counts = "".join(f" {reason}={n}" for reason, n in sorted(reasons.items()))
    n_in = passed.count + rejected.count
    print(f"gate: n_in={n_in} n_out={passed.count} n_rejected={rejected.count}{counts}")


if __name__ == "__main__":
    program.run(main)
