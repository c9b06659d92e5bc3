"""What a file is that cannot be read as text in UTF-8, and how to save it so."""

_START = 1000  # bytes that tell an encoding
_OTHERS = (  # how files begin that hold no text, and what they are
    (b"PK\x03\x04", "a workbook (save its sheet as CSV in UTF-8) or a zip archive (name it under `path`)"),
    (b"\xd0\xcf\x11\xe0", "a workbook of Excel: save its sheet as CSV in UTF-8"),
    (b"PAR1", "Parquet: let its name end in .parquet"),
)
_WORKBOOK = {"[Content_Types].xml", "META-INF/manifest.xml"}  # members of Excel's and of LibreOffice's
_AS_UTF16 = "it is UTF-16. Save it as UTF-8: iconv -f UTF-16 -t UTF-8."
AS_LATIN1 = "Save it as UTF-8: iconv -f LATIN1 -t UTF-8 (or -f WINDOWS-1252)."
_AS_WINDOWS = "Save it as UTF-8: iconv -f WINDOWS-1252 -t UTF-8."


def refuse(start: bytes) -> None:
    """Raise ValueError where a file's first line tells that it is no text in UTF-8."""
    if told := _told(start):
        raise ValueError(told)
    if b"\0" in start:
        raise ValueError("it is no text: its first line has a zero byte.")


def is_workbook(members: list[str]) -> bool:
    """Tell a spreadsheet program's file from another zip archive."""
    return not _WORKBOOK.isdisjoint(members)


def advice(error: UnicodeDecodeError) -> str:
    """Say what an undecodable text is, and how to save it."""
    if told := _told(error.object[:_START]):
        return told
    byte = error.object[error.start : error.start + 1]
    windows = b"\x80" <= byte < b"\xa0"  # controls of Latin-1, which nobody writes; quotes and dashes of Windows-1252
    name, command = ("Windows-1252", _AS_WINDOWS) if windows else ("Latin-1", AS_LATIN1)
    return f"byte 0x{byte.hex()} is no UTF-8; in {name} it is {byte.decode(name, 'replace')!r}. {command}"


def _told(start: bytes) -> str:
    """Return what a file's first bytes tell that it is, "" where it may be a text in UTF-8."""
    others = [f"it is {what}." for begins, what in _OTHERS if start.startswith(begins)]
    return others[0] if others else _AS_UTF16 if _is_utf16(start) else ""


def _is_utf16(start: bytes) -> bool:
    """Tell a text in UTF-16, by its mark, or by the zero byte that its first character has if that is of ASCII."""
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start[:2]
