"""Pack a finished study for a paper's supplement: `make archive` writes results/archive.zip, an RO-Crate.

It holds what the study's jobs wrote (report, tables, manifests, logs), the config that was used, the workflow's code
and its locks, and a description of all of it (crate.py). Weights, generations and vectors stay out: the manifests name
the weights by hash, the answers hold what was written, and the config names the encoder.

A study is packed only if it is whole: Snakemake would have nothing to do, every file is what its checksum says, and the
report's manifest names what is there. The same files give the same archive, byte by byte.
"""

import argparse
import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import crate
import plans
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.files import beside
from interexter.core.identity import content_id
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.urls import cleaned
from interexter.study import finished_jobs, places, settings

# Of the profiles only that which Snakemake takes by itself: others say where jobs ran, and may name accounts.
CODE = [
    *("Snakefile", "LICENSE", "CITATION.cff", "README.md", "requirements.lock"),
    *("envs", "profiles/default", "workflow"),
]
LEFT_OUT = (".faiss", ".npy")  # vectors
MANIFEST = "results/report/manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can hold
DEFAULT = Path("config/config.yaml")


def main() -> None:
    """Look whether the study is whole, describe, pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(), help="the project's folder")
    parser.add_argument("--configfile", type=Path, default=DEFAULT, help="of the study")
    parser.add_argument("--agent", default="", help="who ran the study, by name; left out, nobody is named")
    parser.add_argument("--agent-id", default="", help="their URL, such as https://orcid.org/0000-0002-1825-0097")
    parser.add_argument("--out", type=Path, help="by default results/archive.zip of the study")
    args = parser.parse_args()
    config = args.folder / args.configfile
    study = places.folder(args.folder, config, settings.read(config))
    out = args.out or study / "results/archive.zip"
    if to_do := plans.jobs(args.folder, config, study):
        raise UserError(f"{study}: not finished, or its last run failed. Run it first; to do: {', '.join(to_do)}.")
    made = outputs(study, plans.asked(args.folder, config, study, "--summary"))
    verify(study, made)
    files = {f"config/{config.name}": config, **dict(code(args.folder)), **{name: study / name for name in made}}
    pack(out, study, files, (args.agent, args.agent_id))
    print(f"{out}: {len(files)} files, {out.stat().st_size / 2**20:.1f} MiB")
    if not args.agent:
        print(
            'It does not say who ran the study. To name them: make archive AGENT="Ada Lovelace" AGENT_ID=https://orcid.org/...'
        )


def pack(out: Path, study: Path, files: Mapping[str, Path], agent: tuple[str, str]) -> None:
    """Write the archive of a study: files by the names that they get, with their description; agent is name and URL."""
    described = []
    with beside(out) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, path in sorted(files.items()):
            data = path.read_bytes()
            if name.startswith("config/"):  # results/config.json was written without the secrets of its URLs
                data = cleaned(data.decode(errors="replace")).encode()
            described.append(crate.File(name, len(data), hashlib.sha256(data).hexdigest()))
            add(archive, name, data)
        add(archive, crate.NAME, crate.metadata(of_run(study, *agent), described).encode())


def add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a file without its time, its owner and its rights."""
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, data)


def code(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and places of the workflow's own files."""
    for part in (folder / name for name in CODE):
        for path in [part] if part.is_file() else part.rglob("*"):
            name = path.relative_to(folder)
            hidden = any(one.startswith((".", "__pycache__")) for one in name.parts)
            if path.is_file() and not path.is_symlink() and not hidden:
                yield name.as_posix(), path


def outputs(study: Path, summary: str) -> list[str]:
    """Return the files of a study that are packed: what its jobs wrote, without weights and vectors, and their logs.

    Args:
        study: its folder.
        summary: Snakemake's table of outputs, whose columns are file, date, rule, log, status and plan.

    Raises:
        UserError: a file that a job wrote is gone.
    """
    rows = [line.split("\t") for line in summary.splitlines() if line.count("\t") == 5][1:]
    written = {name for name, *_ in rows}
    if missing := sorted(name for name in written if not (study / name).exists()):  # and nothing asks for it
        raise UserError(
            f"{study}: of its results there are no {', '.join(missing)}. Run it again with ARGS=--forceall."
        )
    logs = {log for row in rows for log in row[3].split(",") if log not in ("-", "")}
    times = {log.replace("results/logs/", "results/benchmarks/").removesuffix(".log") + ".tsv" for log in logs}
    # A folder with a manifest beside it holds weights.
    kept = {name for name in written if f"{name}.manifest.json" not in written and not name.endswith(LEFT_OUT)}
    return sorted(name for part in kept | logs | times for name in _inside(study, part))


def _inside(study: Path, name: str) -> Iterator[str]:
    """Yield a file, or those of a folder; nothing where there is none: few rules are not timed."""
    place = study / name
    for path in [place] if place.is_file() else place.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(study).as_posix()


def verify(study: Path, names: list[str]) -> None:
    """Raise UserError where a file is damaged, or the report's manifest names another one than is there."""
    for name in names:
        if name.endswith(".json"):
            read_json(study / name)
        if name.endswith(".parquet"):
            tables.verify(study / name)
    manifest = read_json(study / MANIFEST)
    told = {**manifest["inputs"], **manifest["outputs"]}
    found = {name: hashlib.sha256((study / name).read_bytes()).hexdigest() for name in told}
    told |= {crate.CONFIG: manifest["config_id"], **manifest["checkpoints"]}
    found[crate.CONFIG] = content_id(read_json(study / crate.CONFIG))
    found |= {name: read_json(study / name, "weights_id")["weights_id"] for name in manifest["checkpoints"]}
    for model, was in manifest["models"].items():
        name = f"results/models/{model}.manifest.json"
        told[name], found[name] = was["weights_id"], read_json(study / name, "weights_id")["weights_id"]
    if others := sorted(name for name in told if told[name] != found[name]):
        raise UserError(
            f"{study / MANIFEST} names others than are there: {', '.join(others)}. Delete it and run again."
        )


def of_run(study: Path, agent: str, agent_id: str) -> crate.Run:
    """Return what the files of a study tell of its run."""
    manifest, config = read_json(study / MANIFEST), read_json(study / crate.CONFIG)
    jobs = [job for done in finished_jobs.finished(study / "results/benchmarks").values() for job in done]
    cards = {name: read_json(study / "results/data" / name / "card.json") for name in config["datasets"]}
    return crate.Run(
        manifest=manifest,
        config=config,
        licences={name: card["licence"] for name, card in cards.items() if card.get("licence")},
        began=min(job.ended - job.seconds for job in jobs),
        ended=max(job.ended for job in jobs),
        agent=agent,
        agent_id=agent_id,
    )


if __name__ == "__main__":
    run(main, job=False)
