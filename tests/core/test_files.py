"""Files and folders stand in their place whole or not at all."""

from pathlib import Path

import pytest
from interexter.core import files


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "new" / "a.txt"
    files.write_text(out, "é\n")
    assert out.read_bytes() == "é\n".encode()
    with pytest.raises(ZeroDivisionError), files.beside(out) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert out.read_bytes() == "é\n".encode()
    with files.beside(out) as temporary:
        temporary.write_text("whole")
    assert out.read_text() == "whole"
    assert [path.name for path in out.parent.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "model"
    with files.folder_beside(out) as temporary:
        (temporary / "config.json").touch()
    with pytest.raises(ZeroDivisionError), files.folder_beside(out) as temporary:
        (temporary / "half").touch()
        raise ZeroDivisionError
    assert (out / "config.json").exists()
    with files.folder_beside(out) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert [path.name for path in out.iterdir()] == ["new"]
