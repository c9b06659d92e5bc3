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
        digest.update(f"{path.name}\0{_canonical(path)}\0".encode())
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
    return frozenset(target for level, name in _names(path) for target in _files(path, level, name))


def _names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (level, dotted name) of every import in a file, wherever it stands."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield node.level, base
            yield from ((node.level, f"{base}.{alias.name}".lstrip(".")) for alias in node.names)


def _files(importer: Path, level: int, dotted: str) -> Iterator[Path]:
    """Yield the files of ours that an import runs: the module and the packages above it; none for somebody else's."""
    target = importer.parent if level else _scripts(importer)
    for _ in range(level - 1):
        target = target.parent
    for part in dotted.split("."):
        target = target / part
        for candidate in (target / "__init__.py", target.with_name(f"{target.name}.py")):
            if candidate.is_file():
                yield candidate
                break


def _scripts(path: Path) -> Path:
    """Return the folder that absolute imports of ours start from: the first that is no package."""
    folder = path.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


@cache
def _canonical(path: Path) -> str:
    """Return a text of the syntax tree that is the same on every Python: empty fields are left out."""
    return _text(_without_docstrings(_tree(path)))


def _text(node: object) -> str:
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if name not in ("ctx", "kind", "type_comment"))
        return f"{type(node).__name__}({','.join(f'{n}={_text(v)}' for n, v in fields if v is not None and v != [])})"
    if isinstance(node, list):
        return f"[{','.join(_text(item) for item in node)}]"
    return repr(node)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return tree
