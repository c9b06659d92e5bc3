"""Context-aware decoding: how the logits after two prompts, with and without the passages, make one token.

All functions take logits of shape (rows, vocabulary), `with_context` after the prompt that shows the
passages and `without` after the one that does not, and return scores of the same shape, whose largest
is the next token. A token that either of the two rules out, with a logit of minus infinity, is ruled out: its score is
minus infinity, and it has no part in what the others' scores are made of.
"""

import math
from collections.abc import Callable
from typing import Any


def cad(with_context: Any, without: Any, alpha: float) -> Any:
    """Return (1 + alpha) * with_context - alpha * without; alpha 0 is plain decoding.

    Source: context-aware decoding, Shi et al., NAACL 2024, arXiv 2305.14739.
    """
    out = _ruled_out(with_context, without)
    return ((1 + alpha) * with_context - alpha * without).masked_fill(out, -math.inf)


def adacad(with_context: Any, without: Any) -> Any:
    """As `cad`, with alpha at every token the Jensen-Shannon divergence of the two distributions.

    JSD(p, q) = (KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2, in natural logarithms as in the authors'
    code, so that alpha is at most ln 2.
    Source: AdaCAD, Wang et al., NAACL 2025, arXiv 2409.07394.
    """
    out = _ruled_out(with_context, without)
    one, other = (logits.masked_fill(out, -math.inf).log_softmax(-1) for logits in (with_context, without))
    middle = one.logaddexp(other) - math.log(2)
    both = [(log.exp() * (log - middle)).masked_fill(out, 0.0).sum(-1) for log in (one, other)]
    alpha = (both[0] + both[1]) / 2
    return cad(with_context, without, alpha.clamp(min=0).unsqueeze(-1))


def coiecd(with_context: Any, without: Any, alpha: float, ratio: float) -> Any:
    """Contrast only the tokens that the constraint on their information finds in conflict with memory.

    With l_c and l_q the logarithms of the probabilities with and without the passages, the score of a
    token is base + alpha * (l_c - l_q). Its base is l_q where the token is typical, that is where its
    probability with the passages is at most the largest / ratio, and l_c elsewhere. Where only one
    token lies above that bound, all are typical; a token whose probability is below the smallest *
    ratio always has base l_c. With alpha 1 typical tokens keep l_c, and the others are those of `cad`.

    Source: COIECD, Yuan et al., Findings of ACL 2024, arXiv 2402.11893, as in the authors' code
    (Stacy027/COIECD, decoding.py, commit 3e6aaf7), where alpha is 1 and ratio 4. The code subtracts the
    entropy of the distribution without passages from the information of each token, and then normalizes
    over the vocabulary, which takes any constant out again: the entropy has no effect on the bounds.
    """
    out = _ruled_out(with_context, without)
    one, other = (logits.masked_fill(out, -math.inf).log_softmax(-1) for logits in (with_context, without))
    information = -one
    typical = information >= information.min(-1, keepdim=True).values + math.log(ratio)
    typical = typical | ((~typical).sum(-1, keepdim=True) == 1)
    unlikely = information > information.masked_fill(out, -math.inf).max(-1, keepdim=True).values - math.log(ratio)
    return (other.where(typical & ~unlikely, one) + alpha * (one - other)).masked_fill(out, -math.inf)


def _ruled_out(with_context: Any, without: Any) -> Any:
    """Return where one of the two passes leaves a token no probability; same shape, of truth values."""
    return (with_context == -math.inf) | (without == -math.inf)


DECODINGS: dict[str, Callable[..., Any]] = {"cad": cad, "adacad": adacad, "coiecd": coiecd}
