"""Turn passages of a corpus, or questions, into vectors by a sentence encoder."""

import argparse
import json
from pathlib import Path

from interexter.core import program, tables
from interexter.data.schemas import CORPUS, QUESTIONS
from interexter.retrieval import dense
from interexter.retrieval.corpus import Corpus

BLOCK = 50_000  # texts whose vectors are in memory at a time


def main() -> None:
    """Encode a shard of a corpus into an index, or questions into a NumPy file."""
    parser = argparse.ArgumentParser(description=__doc__)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--corpus", type=Path)
    given.add_argument("--questions", type=Path)
    parser.add_argument("--shard", type=int, default=0)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--setting", type=json.loads, required=True, help="JSON object: datasets.NAME.retrieval")
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    how = dense.encoder(args.setting["model"])
    batch = args.setting["batch"]
    revision = args.setting.get("revision")
    if args.questions:
        revision = args.setting.get("question_revision", revision)
        model = dense.Model(how.question_model, how.pooling, how.max_length, revision, args.device)
        texts = [row["question"] for row in tables.read_rows(args.questions, QUESTIONS)]
        vectors = model.encode(texts, how.question_prefix, how.normalize, batch)
        dense.write_vectors(args.out, vectors)
        print(f"encode: questions={len(texts)} model={how.question_model}")
        return
    model = dense.Model(how.passage_model, how.pooling, how.max_length, revision, args.device)
    corpus = Corpus(tables.read_table(args.corpus, CORPUS))
    first, last = dense.shard_bounds(len(corpus), args.shard, args.shards)
    blocks = (
        model.encode(corpus.texts(at, min(at + BLOCK, last), how.join), how.passage_prefix, how.normalize, batch)
        for at in range(first, last, BLOCK)
    )
    n = dense.write_shard(args.out, blocks, model.dimensions)
    print(f"encode: shard={args.shard} of {args.shards} passages={n} model={how.passage_model}")


if __name__ == "__main__":
    program.run(main)
