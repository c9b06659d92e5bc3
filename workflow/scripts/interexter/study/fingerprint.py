"""The fingerprint of a script: what of our code a rule depends on.

It covers the script and every module of ours that it imports, at any depth, lazily or relatively. It
is taken of the syntax trees, so comments, docstrings, formatting and file times do not count.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def fingerprint(*scripts: Path) -> str:
    """Return 16 hexadecimal digits for what these scripts and their imports of ours do."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted({dependency for script in scripts for dependency in dependencies(script)}):
        digest.update(f"{path.name}\0{_read(path)[0]}\0".encode())
    return digest.hexdigest()


def dependencies(script: Path) -> set[Path]:
    """Return the script and the modules of ours that it imports, directly or not."""
    found: set[Path] = set()
    ahead = [script.resolve()]
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead.extend(_imported(path))
    return found


@cache
def _imported(path: Path) -> frozenset[Path]:
    return frozenset(target for level, name in _read(path)[1] for target in _files(_start(path, level), name))


def _start(importer: Path, level: int) -> Path:
    """Return the folder that an import of so many dots starts from."""
    return importer.parents[level - 1] if level else _scripts(importer.parent)


@cache  # modules import the same ones
def _files(folder: Path, dotted: str) -> tuple[Path, ...]:
    """Return the files of ours that an import runs: the module and the packages above it; none for somebody else's."""
    found = []
    for part in dotted.split("."):
        folder = folder / part
        for candidate in (folder / "__init__.py", folder.with_name(f"{folder.name}.py")):
            if candidate.is_file():
                found.append(candidate)
                break
    return tuple(found)


@cache
def _scripts(folder: Path) -> Path:
    """Return the folder that absolute imports of ours start from: the first that is no package."""
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


@cache
def _read(path: Path) -> tuple[str, frozenset[tuple[int, str]]]:
    """Return a text of a file's syntax tree, and (level, dotted name) of every import, wherever it stands.

    In one pass, since every start of Snakemake reads all files. The text is the same on every Python: empty fields are
    left out.
    """
    imports: set[tuple[int, str]] = set()

    def text(node: object) -> str:
        if isinstance(node, list):
            return f"[{','.join(map(text, node))}]"
        if not isinstance(node, ast.AST):
            return repr(node)
        if isinstance(node, _IMPORTS):
            imports.update(_names(node))
        fields = []
        for name in node._fields:
            value = getattr(node, name, None)
            if name == "body" and isinstance(node, _DOCUMENTED) and _is_docstring(node.body):
                value = node.body[1:]
            if value is not None and value != [] and name not in _UNREAD:
                fields.append(f"{name}={text(value)}")
        return f"{type(node).__name__}({','.join(fields)})"

    return text(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))), frozenset(imports)


_IMPORTS = (ast.Import, ast.ImportFrom)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_UNREAD = ("ctx", "kind", "type_comment")  # fields that say nothing of what code does


def _is_docstring(body: list[ast.stmt]) -> bool:
    """Say whether a body begins with a docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *_]:
            return True
    return False


def _names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        yield from ((0, alias.name) for alias in node.names)
    else:
        base = node.module or ""
        yield node.level, base
        yield from ((node.level, f"{base}.{alias.name}".lstrip(".")) for alias in node.names)
