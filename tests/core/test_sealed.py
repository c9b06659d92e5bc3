"""A sealed file is read as before, and no bit of it changes unnoticed."""

from pathlib import Path

import numpy as np
import pytest
from interexter.core import sealed
from interexter.core.errors import UserError


def test_numpy_reads_a_sealed_file_and_every_flipped_or_missing_byte_is_noticed(tmp_path: Path) -> None:
    path, vectors = tmp_path / "v.npy", np.arange(6, dtype=np.float32).reshape(2, 3)
    np.save(path, vectors)
    sealed.seal(path)
    sealed.check(path)
    assert np.array_equal(np.load(path, mmap_mode="r"), vectors)
    whole = path.read_bytes()
    flipped = [whole[:n] + bytes([whole[n] ^ 1 << n % 8]) + whole[n + 1 :] for n in range(len(whole))]
    for damaged in [*flipped, b"", whole[:10], whole[:-1], whole + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"v\.npy: its content is not what the hash at its end says.*Delete it"):
            sealed.check(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"v\.npy: not readable"):
        sealed.check(tmp_path / "v.npy")
