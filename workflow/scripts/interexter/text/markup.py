"""What is left in texts of where they come from, which a model is shown as it stands: HTML, wrongly decoded letters."""

import re
from html.entities import html5

_TAGS = (
    "p|br|hr|b|i|u|em|strong|small|sup|sub|a|div|span|ul|ol|li|dl|dt|dd|table|tbody|thead|tr|td|th|h[1-6]|pre|code|img"
    "|blockquote|caption|center|cite|font|big|tt|nowiki|ref|math"  # the last three are MediaWiki's
)
TAG = rf"</?(?:{_TAGS})\b[^<>]*>"
_MARKUP = re.compile(TAG, re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z]\w{1,31};))")

# Control characters, the mark of what could not be decoded, and letters beyond ASCII, quotes and dashes whose bytes in
# UTF-8 were read as Windows-1252. One class begins them all, which is what the search is quick with.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd"
_BROKEN = re.compile(
    rf"[{_CONTROLS}\u00c2\u00c3\u00e2](?:(?<=[{_CONTROLS}])"
    r"|(?<=[\u00c2\u00c3])[\x80-\xbf\u20ac\u0192\u02c6\u2030\u0160\u2039\u0152\u017d\u2122\u0161\u203a\u0153\u017e\u0178]"
    r"|(?<=\u00e2)\u20ac[\x80-\xbf\u2122\u0153\u017e\u0178\u201c\u201d\u02dc])"
)
_ESCAPED = "_x000D_"  # the end of a line as Excel's files write it


def has_markup(text: str) -> bool:
    """Tell whether a text holds a tag of HTML, or a character written as `&amp;` or `&#39;`."""
    if "&" in text and any(name is None or name in html5 for name in _names(text)):
        return True
    return "<" in text and _MARKUP.search(text) is not None


def _names(text: str) -> list[str | None]:
    """Return the names of characters that stand between & and ;, None for a number."""
    return [found[1] for found in _REFERENCE.finditer(text)]


def is_broken(text: str) -> bool:
    """Tell whether a text holds control characters, or letters that were decoded wrongly ("Bogot\u00c3\u00a1")."""
    return _ESCAPED in text or _BROKEN.search(text) is not None
