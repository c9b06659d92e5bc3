"""Pack a finished study for a paper's supplement: `make archive` writes results/archive.zip, an RO-Crate.

It holds the report, the tables between stages, logs, the resolved config, the workflow's code and its locks, and
ro-crate-metadata.json, which describes each with its size and sha256 (RO-Crate 1.2, https://w3id.org/ro/crate/1.2).
Weights, generations and vectors stay out: the manifests name the weights by hash, the answers hold what was
written, and the config names the encoder. The same files give the same archive, byte by byte.
"""

import argparse
import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.urls import cleaned
from interexter.study import places, settings

LEFT_OUT = {"models", "checkpoints", "store", "embeddings", "tracking"}  # of results
CODE = [
    *("Snakefile", "LICENSE", "CITATION.cff", "README.md", "requirements.lock"),
    *("config", "envs", "profiles", "workflow"),
]
KINDS = {".parquet": "application/vnd.apache.parquet", ".csv": "text/csv", ".json": "application/json"}
KINDS |= {".html": "text/html", ".py": "text/x-python", ".md": "text/markdown"}
MANIFESTS = ("models", "checkpoints")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can hold


def main() -> None:
    """Collect, describe, pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(), help="the project's folder")
    parser.add_argument("--configfile", type=Path, help="of the study; by default that which is run in the folder")
    parser.add_argument("--out", type=Path, help="by default results/archive.zip of the study")
    args = parser.parse_args()
    study = args.folder
    if args.configfile:
        study = places.folder(args.folder, args.folder / args.configfile, settings.read(args.folder / args.configfile))
    args.out = args.out or study / "results/archive.zip"
    at = Places(args.folder, study)
    files = sorted(contents(at))
    beside = args.out.with_name(f".{args.out.name}")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [
            ("ro-crate-metadata.json", metadata(at, files).encode()),
            *read(at, files),
        ]:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    beside.replace(args.out)
    print(f"{args.out}: {len(files)} files, {args.out.stat().st_size / 2**20:.1f} MiB")


class Places(NamedTuple):
    """Where the code is, and where the study's results are: one folder for the embedded default."""

    code: Path
    study: Path

    def path(self, name: str) -> Path:
        """Return the file that is packed under a name."""
        return (self.study if name.startswith("results/") else self.code) / name


def contents(at: Places) -> Iterator[str]:
    """Yield the names of what is packed; raise UserError where there is no finished report."""
    if not at.path("results/report/manifest.json").is_file():
        raise UserError(f"{at.path('results/report')}: there is no finished report to pack. Run the study first.")
    results = [path for path in (at.study / "results").iterdir() if path.is_dir() and path.name not in LEFT_OUT]
    code = [(at.code, at.code / part) for part in CODE]
    for base, part in [*code, *((at.study, path) for path in (at.study / "results/config.json", *results))]:
        for path in [part] if part.is_file() else part.rglob("*"):
            hidden = any(name.startswith((".", "__pycache__")) for name in path.relative_to(base).parts)
            if path.is_file() and not path.is_symlink() and not hidden:
                yield path.relative_to(base).as_posix()
    for weights in MANIFESTS:
        for path in (at.study / "results" / weights).rglob("*.manifest.json"):
            yield path.relative_to(at.study).as_posix()


def read(at: Places, files: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield names with contents; configs without the secrets of their URLs."""
    for name in files:
        data = at.path(name).read_bytes()
        yield name, cleaned(data.decode(errors="replace")).encode() if name.startswith("config/") else data


def metadata(at: Places, files: list[str]) -> str:
    """Return ro-crate-metadata.json: the crate, the workflow, the run, and every file."""
    manifest = read_json(at.path("results/report/manifest.json"))
    described = [
        {
            "@id": name,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"] if name == "Snakefile" else "File",
            "name": name,
            "contentSize": str(len(data)),
            "sha256": hashlib.sha256(data).hexdigest(),
            "encodingFormat": KINDS.get(Path(name).suffix, "text/plain"),
        }
        for name, data in read(at, files)
    ]
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": f"A study of knowledge conflict in retrieval-augmented generation, {manifest['config_id'][:8]}",
            "description": "Tables, report, logs, config and code of one run of InterExterRAG.",
            "datePublished": latest(at.study),
            "license": {"@id": "https://spdx.org/licenses/Apache-2.0"},
            "mainEntity": {"@id": "Snakefile"},
            "mentions": {"@id": "#run"},
            "hasPart": [{"@id": name} for name in files],
        },
        {
            "@id": "https://spdx.org/licenses/Apache-2.0",
            "@type": "CreativeWork",
            "name": "Apache License 2.0, of the code; data sets have their own: results/data/*/card.json",
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"The run with seed {manifest['seed']} at commit {manifest['git_commit'] or 'unknown'}",
            "instrument": {"@id": "Snakefile"},
            "object": [{"@id": "results/config.json"}],
            "result": [{"@id": name} for name in files if name.startswith("results/report/")],
        },
        *described,
    ]
    return json.dumps({"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph}, indent=1) + "\n"


def latest(folder: Path) -> str:
    """Return the day on which the report was finished."""
    return datetime.fromtimestamp((folder / "results/report/manifest.json").stat().st_mtime, UTC).date().isoformat()


if __name__ == "__main__":
    run(main, job=False)
