"""Clusters of questions: by subject, else by gold answer where it names something, else none."""

import pytest
from interexter.scoring.clusters import cluster_of


@pytest.mark.parametrize(
    ("subject", "answers", "cluster"),
    [
        ("The Gambia", ["Banjul"], "gambia"),
        ("the gambia", ["dalasi"], "gambia"),  # another question about it
        ("", ["Banjul", "City of Banjul"], "banjul"),
        ("", ["Yes"], "q1"),  # shared by chance
        ("", ["1776"], "q1"),
        ("", ["..."], "q1"),
        ("", [], "q1"),
    ],
)
def test_the_cluster_of_a_question(subject: str, answers: list[str], cluster: str) -> None:
    assert cluster_of("q1", subject, answers) == cluster
