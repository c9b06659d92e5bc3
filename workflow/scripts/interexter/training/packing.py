"""Packing: several examples share one row of a fixed length, without padding and without crossing attention."""

from bisect import bisect_left, insort
from collections.abc import Sequence


def packs(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Return packs of places in `lengths`, each of at most `capacity` tokens, every place once.

    Best fit decreasing: the longest example goes first, each into the fullest pack that has room for it
    (D. S. Johnson, Near-optimal bin packing algorithms, 1973: at most 11/9 of the fewest packs, plus a few). Equal
    lengths keep their order, so that equal inputs give equal packs. A length above the capacity is a ValueError.
    """
    found: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (tokens left, place in found), the fullest first
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if lengths[place] > capacity:
            raise ValueError(f"A length of {lengths[place]} tokens does not fit into {capacity}.")
        at = bisect_left(room, (lengths[place], 0))
        if at == len(room):
            found.append([])
            left, pack = capacity, len(found) - 1
        else:
            left, pack = room.pop(at)
        found[pack].append(place)
        insort(room, (left - lengths[place], pack))
    return found
