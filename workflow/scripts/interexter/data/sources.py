"""Where data sets come from: local files, folders and archives, http(s) URLs, pinned hub data sets.

Whatever the source, its records come one after the other, so that a data set may be larger than memory.
A hub data set whose files the config names is downloaded at its revision and read by us; one without
named files is loaded by `datasets`, streamed.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ..core import downloads, hub_files
from ..core.errors import UserError, nearest
from ..core.tables import Row
from ..core.urls import cleaned
from . import archives, fetch, layouts, records
from .fetch import DOWNLOADS
from .layouts import Layout

KEYS = {  # kind of source: (keys that it needs, further keys that only it may have)
    "vital": (set[str](), {"path", "language", "evaluate"}),
    "local": (set[str](), {"path", "obtain"}),
    "url": ({"url", "sha256"}, set[str]()),
    "hub": ({"repository", "revision"}, {"subset"}),
}
EMBEDDED = {"vital"}  # made by rule, from pinned packages and files of the package index
COMMON = {"kind", "layout", "folder", "files", "questions", "corpus", "split", "sizes", "licence"}


def check(source: Row, name: str) -> None:
    """Raise UserError unless the source has the keys of its kind, no others, and a known layout."""
    where = f"datasets.{name}.source"
    needed, optional = KEYS[source["kind"]]
    if missing := sorted(needed - source.keys()):
        raise UserError(f"{where}: kind {source['kind']} needs {', '.join(missing)}")
    common = COMMON if source["kind"] not in EMBEDDED else {"kind", "layout"}
    if odd := sorted(source.keys() - needed - optional - common):
        raise UserError(f"{where}: {', '.join(odd)} means nothing with kind {source['kind']}")
    if (layout := source["layout"]) not in layouts.names():
        raise UserError(f"{where}.layout: {layout!r} is unknown; {nearest(layout, layouts.names())}")
    if source["kind"] == "url":
        try:
            fetch.check_url(source["url"])
        except UserError as error:
            raise UserError(f"{where}.url: {error}") from error
    if source["kind"] == "local" and not {"path", "questions", "files"} & source.keys():
        raise UserError(f"{where}: name a file: `questions`, or `path` for a folder or an archive")
    if "obtain" in source and "path" not in source:
        raise UserError(f"{where}.obtain: name the `path` at which the files are to be put")


def of_questions(source: Row, name: str, layout: Layout) -> Iterator[tuple[str, str, Iterator[Row]]]:
    """Yield (part, file, records) of every file of questions; a part is a file's stem or a split of a hub data set."""
    given = source.get("files") or ([source["questions"]] if "questions" in source else [])
    if source["kind"] == "hub":
        files = given or list(layout.about.files)
        if not files:
            yield from _streamed(source, name)
            return
        missing = [] if given else list(layout.about.optional)
        for file in files:
            path = _hub_file(source, _within(source, file), optional=file in missing)
            if path is not None:
                yield PurePosixPath(file).stem, file, records.read(path, path.name)
        return
    place = _place(source, name)
    for file in _local_files(source, name, place, given, layout):
        stem = PurePosixPath(file.removesuffix(".gz")).stem
        yield stem, file, records.read(place, file)


def of_corpus(source: Row, name: str) -> Iterator[Row]:
    """Yield the records of the corpus; none if the config names no corpus."""
    if "corpus" not in source:
        return
    file = str(source["corpus"])
    if Path(file).is_file():  # a corpus of your own beside somebody else's questions
        yield from records.read(Path(file).parent, Path(file).name)
    elif source["kind"] == "hub":
        path = _hub_file(source, _within(source, file), optional=False)
        assert path is not None
        yield from records.read(path, path.name)
    else:
        place = _place(source, name)
        yield from records.read(place, archives.find(place, _within(source, file)))


def local_files(source: Row, name: str) -> list[Path]:
    """Return the files of this machine that a source reads, an archive as a whole; what is missing is left out."""
    found: list[Path] = []
    corpus = Path(str(source.get("corpus", "")))
    if corpus.is_file():
        found.append(corpus)
    if source["kind"] == "local":
        place = Path(source.get("path", ".")).expanduser()
        if place.is_file():
            found.append(place)
        elif place.is_dir():
            given = source.get("files") or ([source["questions"]] if "questions" in source else [])
            with suppress(UserError):  # the job that reads them says what is missing
                layout = layouts.load(source["layout"])
                found += [place / file for file in _local_files(source, name, place, given, layout)]
            if "corpus" in source and not corpus.is_file():
                with suppress(UserError):
                    found.append(place / archives.find(place, _within(source, source["corpus"])))
    return sorted({path for path in found if path.is_file()})


def missing_files(source: Row) -> list[str] | None:
    """Return the names of the files that a local source is to be read from, or None where all that it needs are there.

    What an archive holds is known when it is read.
    """
    place = Path(source["path"]).expanduser()
    if place.is_file():
        return None
    about = layouts.load(source["layout"]).about
    given = source.get("files") or ([source["questions"]] if "questions" in source else [])
    wanted = given or list(about.files)
    needed = [PurePosixPath(_within(source, file)).parts for file in wanted if given or file not in about.optional]
    there = [PurePosixPath(member).parts for member in archives.members(place)] if place.is_dir() else []
    if place.is_dir() and all(any(one[-len(parts) :] == parts for one in there) for parts in needed):
        return None
    return wanted


def _place(source: Row, name: str) -> Path:
    """Return the local file, folder or archive that holds the files."""
    if source["kind"] == "url":
        return fetch.download(source["url"], source["sha256"], DOWNLOADS)
    place = Path(source.get("path", ".")).expanduser()
    if not place.exists():
        raise UserError(f"datasets.{name}.source.path: there is no {place}.")
    return place


def _local_files(source: Row, name: str, place: Path, given: Sequence[str], layout: Layout) -> list[str]:
    if given:
        if place.is_dir():
            for file in given:
                if not (place / _within(source, file)).is_file():
                    raise UserError(f"datasets.{name}.source: there is no file {place / _within(source, file)}.")
            return [_within(source, file) for file in given]
        return [archives.find(place, _within(source, file)) for file in given]
    known = archives.members(place) if place.is_file() or layout.about.files else []
    if known == [place.name]:  # one plain file
        return known
    if not layout.about.files:
        raise UserError(
            f"datasets.{name}.source: say which files of {place} hold the questions: `questions` or `files`."
        )
    found = []
    for file in layout.about.files:
        wanted = PurePosixPath(_within(source, file)).parts
        if any(PurePosixPath(one).parts[-len(wanted) :] == wanted for one in known):
            found.append(archives.find(place, "/".join(wanted)))
        elif file not in layout.about.optional:
            archives.find(place, "/".join(wanted))  # which says what there is instead
    return found


def _within(source: Row, file: str) -> str:
    return f"{source['folder'].strip('/')}/{file}" if source.get("folder") else file


def _hub_file(source: Row, file: str, optional: bool) -> Path | None:
    """Download a file of a hub data set at its revision; None where one that may be missing is not there."""
    try:
        return hub_files.file(source["repository"], file, source["revision"], _LOCAL)
    except hub_files.NoSuchFile:
        if optional:
            return None
        raise


_LOCAL = "To use a copy of yours: source: {kind: local, path: FOLDER}, with the same layout and files."


def _streamed(source: Row, name: str) -> Iterator[tuple[str, str, Iterator[Row]]]:
    import datasets

    where = f"{source['repository']} at {source['revision']}"
    try:
        with downloads.bounded(where, downloads.HOURS, _LOCAL):
            splits = datasets.load_dataset(
                source["repository"],
                source.get("subset"),
                revision=source["revision"],
                streaming=True,
                cache_dir=".cache/datasets",
            )
            for split, rows in splits.items():
                yield str(split), f"{where}, split {split}", map(records.plain, map(dict, rows))
    except (datasets.exceptions.DatasetGenerationError, OSError, ValueError) as error:
        raise UserError(
            f"datasets.{name}.source: {where}: {_first_line(error.__cause__ or error)}. {_LOCAL}"
        ) from error


def _first_line(error: object) -> str:
    return " ".join(cleaned(str(error)).split())[:300]
