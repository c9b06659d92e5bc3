"""Context-aware decoding: the formulas against values worked out by hand."""

import math

import pytest
import torch
from interexter.engine.contrastive import DECODINGS, adacad, cad, coiecd


def logs(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64).log()


def probabilities(scores: torch.Tensor) -> list[float]:
    return [round(p, 4) for p in scores.softmax(-1)[0].tolist()]


def test_cad_takes_what_the_passages_add_twice() -> None:
    # 0.5^2/0.25 : 0.3^2/0.25 : 0.2^2/0.5 = 1 : 0.36 : 0.08, which is 0.6944 : 0.25 : 0.0556
    scores = cad(logs([0.5, 0.3, 0.2]), logs([0.25, 0.25, 0.5]), 1.0)
    assert probabilities(scores) == [0.6944, 0.25, 0.0556]


def test_cad_does_not_depend_on_the_constant_of_the_logits() -> None:
    with_context, without = logs([0.5, 0.3, 0.2]), logs([0.25, 0.25, 0.5])
    shifted = cad(with_context + 3, without - 7, 1.0)
    assert probabilities(shifted) == probabilities(cad(with_context, without, 1.0))


def test_cad_with_alpha_0_is_plain_decoding() -> None:
    assert torch.equal(cad(logs([0.5, 0.3, 0.2]), logs([0.1, 0.1, 0.8]), 0.0), logs([0.5, 0.3, 0.2]))


def test_adacad_of_equal_distributions_is_plain_decoding() -> None:
    same = logs([0.5, 0.3, 0.2])
    assert torch.allclose(adacad(same, same + 2), same)


def test_adacad_weighs_by_the_divergence() -> None:
    # p = (3/4, 1/4), q = (1/4, 3/4), m = (1/2, 1/2): KL(p, m) = KL(q, m) = 3/4 ln 3/2 + 1/4 ln 1/2 = 0.130812 = JSD,
    # so the scores differ by (1 + 0.130812) ln 3 - 0.130812 (-ln 3) = 1.261624 ln 3 = 1.386036
    jsd = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    scores = adacad(logs([0.75, 0.25]), logs([0.25, 0.75]))
    assert jsd == pytest.approx(0.130812, abs=1e-6)
    assert float(scores[0, 0] - scores[0, 1]) == pytest.approx((1 + 2 * jsd) * math.log(3), abs=1e-9)
    assert float(scores[0, 0] - scores[0, 1]) == pytest.approx(1.386036, abs=1e-5)


def test_adacad_of_disjoint_distributions_has_the_largest_alpha() -> None:
    # JSD = ln 2: scores (1 + ln 2) l_c - ln 2 l_q, which are 20 (1 + 2 ln 2) apart for logits 0, -20 and -20, 0
    scores = adacad(torch.tensor([[0.0, -20.0]]), torch.tensor([[-20.0, 0.0]]))
    assert float(scores[0, 0] - scores[0, 1]) == pytest.approx(20 * (1 + 2 * math.log(2)), rel=1e-5)


def test_coiecd_contrasts_the_likely_tokens_alone() -> None:
    # The largest with passages is 0.6: typical are those of at most 0.15, which are 0.09, 0.0099 and 0.0001; but the
    # last lies below 4 x 0.0001. So the first two and the last are contrasted, p^2/q, and the others keep p.
    p, q = [0.6, 0.3, 0.09, 0.0099, 0.0001], [0.2, 0.2, 0.2, 0.2, 0.2]
    expected = [0.6**2 / 0.2, 0.3**2 / 0.2, 0.09, 0.0099, 0.0001**2 / 0.2]
    assert coiecd(logs(p), logs(q), 1.0, 4.0).exp()[0].tolist() == pytest.approx(expected)


def test_coiecd_leaves_a_sure_token_alone() -> None:
    # Only 0.9 lies above 0.9 / 4: all are typical. Below 4 x 0.001 lies the last, which is contrasted, p^2/q.
    p, q = [0.9, 0.06, 0.039, 0.001], [0.1, 0.5, 0.2, 0.2]
    expected = [0.9, 0.06, 0.039, 0.001**2 / 0.2]
    assert coiecd(logs(p), logs(q), 1.0, 4.0).exp()[0].tolist() == pytest.approx(expected)


def test_coiecd_without_contrast_takes_the_base_of_each_token() -> None:
    # alpha 0: typical tokens have what memory says, the others what the passages say
    p, q = [0.6, 0.3, 0.09, 0.0099, 0.0001], [0.1, 0.2, 0.3, 0.25, 0.15]
    assert coiecd(logs(p), logs(q), 0.0, 4.0).exp()[0].tolist() == pytest.approx([0.6, 0.3, 0.3, 0.25, 0.0001])


@pytest.mark.parametrize("name", DECODINGS)
def test_rows_do_not_see_each_other(name: str) -> None:
    generator = torch.Generator().manual_seed(3)
    one, other = (torch.randn(6, 50, generator=generator) * 3 for _ in range(2))
    together = DECODINGS[name](one, other, **WEIGHTS[name])
    for i in range(6):
        assert torch.equal(together[i : i + 1], DECODINGS[name](one[i : i + 1], other[i : i + 1], **WEIGHTS[name]))


WEIGHTS: dict[str, dict[str, float]] = {"cad": {"alpha": 1.0}, "adacad": {}, "coiecd": {"alpha": 1.0, "ratio": 4.0}}


@pytest.mark.parametrize("name", DECODINGS)
@pytest.mark.parametrize(("masked_with", "masked_without"), [(True, True), (True, False), (False, True)])
def test_a_token_that_is_ruled_out_stays_so_and_changes_no_other(
    name: str, masked_with: bool, masked_without: bool
) -> None:
    generator = torch.Generator().manual_seed(4)
    one, other = (torch.randn(3, 20, generator=generator, dtype=torch.float64) * 3 for _ in range(2))
    expected = DECODINGS[name](one[:, :15], other[:, :15], **WEIGHTS[name])
    one, other = one.clone(), other.clone()
    if masked_with:
        one[:, 15:] = -math.inf
    if masked_without:
        other[:, 15:] = -math.inf
    scores = DECODINGS[name](one, other, **WEIGHTS[name])
    assert torch.allclose(scores[:, :15], expected)
    assert (scores[:, 15:] == -math.inf).all()


@pytest.mark.parametrize("name", DECODINGS)
def test_one_token_that_is_left_is_written(name: str) -> None:
    only = torch.full((1, 5), -math.inf)
    only[0, 3] = 0.5
    assert int(DECODINGS[name](only, only, **WEIGHTS[name]).argmax()) == 3
