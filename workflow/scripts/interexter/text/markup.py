"""HTML that is left in texts: tags and character references, which a model is shown as they stand."""

import re

_TAGS = (
    "p|br|hr|b|i|u|em|strong|small|sup|sub|a|div|span|ul|ol|li|dl|dt|dd|table|tbody|thead|tr|td|th|h[1-6]|pre|code|img"
    "|blockquote|caption|center|cite|font|big|tt|nowiki|ref|math"  # the last three are MediaWiki's
)
TAG = rf"</?(?:{_TAGS})\b[^<>]*>"
_MARKUP = re.compile(rf"{TAG}|&(?:amp|lt|gt|quot|apos|nbsp|[mn]dash|#\d{{1,7}}|#x[0-9a-f]{{1,6}});", re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Tell whether a text holds a tag of HTML, or a character written as `&amp;` or `&#39;`."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None
