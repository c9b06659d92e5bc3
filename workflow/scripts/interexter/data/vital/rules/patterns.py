"""Parts of the rules' regular expressions."""

FIGURE = r"(?<![\d,.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"  # 8,848.86
DATE = r"(?:(?:\d{1,2} )?[A-Z][a-z]+ (?:\d{1,2}, )?)?(\d{4})\b"  # its year, with or without a month and a day
ABOUT = r"(?:(?:about|approximately|around|over|some|roughly) )?"


def one_of(words: str) -> str:
    """Return a group that matches one of the words or phrases, which commas part."""
    return f"(?:{'|'.join(' '.join(word.split()) for word in words.split(','))})"
