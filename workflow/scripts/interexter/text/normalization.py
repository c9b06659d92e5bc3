"""Texts as published scorers compare them: SQuAD's normalization.

Written out in its few lines: transformers has a copy, and takes seconds to import.
"""

import re
import string
from functools import lru_cache

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")


@lru_cache(16384)  # several scorers look at one text, and names come again
def normalized(text: str) -> str:
    """Normalize as SQuAD's evaluation does: lower case, no ASCII punctuation, no articles, single spaces.

    Source: `normalize_answer` in the evaluation script of SQuAD 1.1 (Rajpurkar et al., EMNLP 2016).
    """
    return " ".join(_ARTICLE.sub(" ", unpunctuated(text)).split())


def unpunctuated(text: str) -> str:
    """Take the first steps of `normalized`: lower case, no ASCII punctuation."""
    return text.lower().translate(_PUNCTUATION)
