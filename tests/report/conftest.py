"""The study that never happened, once for all tests of the report."""

from pathlib import Path

import pytest
from interexter.report.inputs import Inputs
from made_study import Made, read, synthetic, write


@pytest.fixture(scope="session")
def made() -> Made:
    return synthetic()


@pytest.fixture(scope="session")
def results(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(made, tmp_path_factory.mktemp("study") / "results")


@pytest.fixture(scope="session")
def run(results: Path) -> Inputs:
    return read(results)
