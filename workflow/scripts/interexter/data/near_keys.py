"""Keys that are nearly ours, misspelt or by another name: they would be ignored without a word."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache

from ..core.errors import UserError

_NEAR = 0.8  # difflib's ratio: "titel" is nearly "title"
_SHORTEST = 5  # letters; "idx" is another key than "id"
_SAME = {  # what others call a key, in small letters alone: ours
    **dict.fromkeys(("query", "prompt"), "question"),
    **dict.fromkeys(("goldanswer", "goldanswers", "gold", "groundtruth", "possibleanswers"), "answers"),
    **dict.fromkeys(("correctanswer", "correctanswers", "referenceanswer", "targetanswer"), "answers"),
    **dict.fromkeys(("wronganswer", "wronganswers", "incorrectanswer", "incorrectanswers"), "counter_answers"),
    **dict.fromkeys(("context", "contexts", "document", "documents", "ctxs"), "passages"),
}


def refuse(record: Mapping[str, object], known: Collection[str], where: str) -> None:
    """Raise UserError where a record lacks known keys and has some that are nearly these.

    They are in other letters, misspelt, or what others call them. It names all of them: a header is mended at once.
    """
    missing = tuple(key for key in known if key not in record)
    near = {key: meant for key in record if key not in known and (meant := _meant(key, missing))}
    if near:
        said = ", ".join(f"{key!r} (did you mean {meant!r}?)" for key, meant in near.items())
        no_keys, them = ("is no key", "it") if len(near) == 1 else ("are no keys", "them")
        raise UserError(f"{where}: {said} {no_keys} that {no_keys.split()[0]} read. Rename {them}.")


def beside(others: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Return, for keys that are nearly known ones and stand beside these, which."""
    return {key: meant for key in others if (meant := _meant(key, tuple(known)))}


@cache
def _meant(key: str, missing: tuple[str, ...]) -> str:
    """Return the missing key that is meant by another one, or ""; "subject_id" is another key than "subject"."""
    plain = {_plain(one): one for one in missing}
    if (same := _SAME.get(_plain(key))) in missing:
        return str(same)
    if _plain(key) in plain:
        return plain[_plain(key)]
    if len(_plain(key)) < _SHORTEST or key.startswith(tuple(f"{one}_" for one in missing)):
        return ""
    return next((plain[one] for one in get_close_matches(_plain(key), plain, 1, _NEAR)), "")


def _plain(key: str) -> str:
    return "".join(letter for letter in key.casefold() if letter.isalnum())
