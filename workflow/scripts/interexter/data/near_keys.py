"""Keys that are nearly ours: one that is misspelt would be ignored without a word."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache

from ..core.errors import UserError

_NEAR = 0.8  # difflib's ratio: "titel" is nearly "title"
_SHORTEST = 5  # letters; "idx" is another key than "id"


def refuse(record: Mapping[str, object], known: Collection[str], where: str) -> None:
    """Raise UserError where a record lacks known keys and has some that are nearly these, in other letters or misspelt.

    It names all of them: a table's header is then mended at once.
    """
    missing = tuple(key for key in known if key not in record)
    near = {key: meant for key in record if key not in known and (meant := _meant(key, missing))}
    if near:
        said = ", ".join(f"{key!r} (did you mean {meant!r}?)" for key, meant in near.items())
        no_keys, them = ("is no key", "it") if len(near) == 1 else ("are no keys", "them")
        raise UserError(f"{where}: {said} {no_keys} that {no_keys.split()[0]} read. Rename {them}.")


@cache
def _meant(key: str, missing: tuple[str, ...]) -> str:
    """Return the missing key that is meant by another one, or ""; "subject_id" is another key than "subject"."""
    plain = {_plain(one): one for one in missing}
    if _plain(key) in plain:
        return plain[_plain(key)]
    if len(_plain(key)) < _SHORTEST or key.startswith(tuple(f"{one}_" for one in missing)):
        return ""
    return next((plain[one] for one in get_close_matches(_plain(key), plain, 1, _NEAR)), "")


def _plain(key: str) -> str:
    return "".join(letter for letter in key.casefold() if letter.isalnum())
