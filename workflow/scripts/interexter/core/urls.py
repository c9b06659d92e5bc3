"""URLs as they may be shown: a password or a token in one is for the server alone.

What a person puts into a URL ends up in cards, logs, error lines and archives. So all of these show it without its
secrets: no user and password, and of the query only what is known to be none.
"""

import re

HIDDEN = "***"
# Keys of a query that say which file is meant, or how it is sent. Whatever else stands there may be a token.
_PLAIN = {
    "dl",
    "download",
    "export",
    "file",
    "filename",
    "format",
    "id",
    "inline",
    "lang",
    "name",
    "path",
    "raw",
    "ref",
}
_PLAIN |= {"rev", "revision", "split", "subset", "v", "version"}

_URL = re.compile(
    r"""(?P<scheme>\bhttps?:/*)
        (?:[^\s/?\#'"<>]*@)?
        (?P<place>[^\s?\#'"<>]*)
        (?P<query>\?[^\s\#'"<>]*)?
        (?P<fragment>\#[^\s'"<>]*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING = ".,;:)]}"  # what ends a sentence or a list, not the URL in it


def cleaned(text: str) -> str:
    """Return a text in which every http(s) URL is shown without its secrets.

    It has no user, password and fragment, and *** for each value of its query that may be secret.
    """
    return _URL.sub(lambda found: _shown(found), text)


def _shown(found: re.Match[str]) -> str:
    query = found["query"] or ""
    closing = query[len(query.rstrip(_CLOSING)) :] if not found["fragment"] else ""
    parts = [_part(part) for part in re.split("[&;]", query.removeprefix("?").rstrip(_CLOSING))] if query else []
    return f"{found['scheme']}{found['place']}{'?' if query else ''}{'&'.join(parts)}{closing}"


def _part(part: str) -> str:
    """Return a key with its value, if that is no secret; a value without a key may be one."""
    key, equals, _ = part.partition("=")
    if not equals:
        return part if key.lower() in _PLAIN or not key else HIDDEN
    return part if key.lower() in _PLAIN else f"{key}={HIDDEN}"
