"""Which keys of `datasets.NAME.source` go together: checked when the config is read, before any job."""

from difflib import get_close_matches

from ..core.errors import UserError
from ..core.tables import Row
from . import layouts

KEYS = {  # kind of source: (keys that it needs, further keys that only it may have)
    "atlas": (set[str](), set[str]()),
    "local": (set[str](), {"path"}),
    "url": ({"url", "sha256"}, set[str]()),
    "hub": ({"repository", "revision"}, {"subset"}),
}
COMMON = {"kind", "layout", "folder", "files", "questions", "corpus", "split", "sizes", "licence"}


def check(source: Row, name: str) -> None:
    """Raise UserError unless the source has the keys of its kind, no others, and a known layout."""
    where = f"datasets.{name}.source"
    needed, optional = KEYS[source["kind"]]
    if missing := sorted(needed - source.keys()):
        raise UserError(f"{where}: kind {source['kind']} needs {', '.join(missing)}")
    common = COMMON if source["kind"] != "atlas" else {"kind", "layout"}
    if odd := sorted(source.keys() - needed - optional - common):
        raise UserError(f"{where}: {', '.join(odd)} means nothing with kind {source['kind']}")
    if (layout := source["layout"]) not in layouts.names():
        near = get_close_matches(layout, layouts.names()) or layouts.names()
        raise UserError(f"{where}.layout: {layout!r} is unknown; did you mean {' or '.join(near)}?")
    if source["kind"] == "local" and not {"path", "questions", "files"} & source.keys():
        raise UserError(f"{where}: name a file: `questions`, or `path` for a folder or an archive")
