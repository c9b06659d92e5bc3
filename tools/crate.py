"""The description of an archive, ro-crate-metadata.json: a workflow, one run of it, and each file.

It follows RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) and the profile Workflow Run Crate 0.5
(https://w3id.org/ro/wfrun/workflow/0.5): who ran the workflow and when, with which parameters, what went in and what
came out.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from interexter.core.identity import canonical_json

NAME = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
CONFIG = "results/config.json"  # the config that was used, resolved
WORKFLOW = "Snakefile"
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
LICENCE = "https://spdx.org/licenses/Apache-2.0"  # of the code
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
FORMS = {bool: "Boolean", int: "Integer", float: "Float"}  # what schema.org calls them; all else is Text
KINDS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
}

Entity = dict[str, Any]


class File(NamedTuple):
    """A file of the archive."""

    name: str
    size: int  # bytes
    sha256: str


class Run(NamedTuple):
    """What is known of the run."""

    manifest: Mapping[str, Any]  # results/report/manifest.json
    config: Mapping[str, Any]  # as it was resolved
    licences: Mapping[str, str]  # by data set
    began: float  # seconds since the epoch
    ended: float
    agent: str  # the name of who ran it, or ""
    agent_id: str  # their URL, such as an ORCID, or ""


def metadata(run: Run, files: list[File]) -> str:
    """Return the text of ro-crate-metadata.json."""
    entities = {file.name: _file(file) for file in files}
    for name, licence in run.licences.items():
        entities[f"#licence/{quote(name)}"] = {"@type": "CreativeWork", "name": licence}
        for file in files:
            if file.name.startswith(f"results/data/{name}/"):
                entities[file.name]["license"] = _to(f"#licence/{quote(name)}")
    given = {CONFIG: entities[CONFIG]}
    for key, value in _leaves(run.config):
        given[f"#value/{quote(key)}"] = {"@type": "PropertyValue", "name": key, "value": value}
    made = {name: entity for name, entity in entities.items() if name.startswith("results/report/")}
    entities |= given
    inputs, outputs = _parameters(given), _parameters(made)
    entities |= inputs | outputs | _software(run.manifest["versions"]) | _persons(run)
    entities[WORKFLOW] |= _workflow(run, inputs, outputs)
    entities["#run"] = _action(run, given, made)
    entities |= {name: {"@type": "CreativeWork", "name": title} for name, title in PROFILES.items()}
    entities[LICENCE] = {"@type": "CreativeWork", "name": "Apache License 2.0", "url": LICENCE}
    entities |= {"./": _root(run, files), NAME: _descriptor()}
    graph = [{"@id": name, **entity} for name, entity in reversed(entities.items())]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def _to(name: str) -> Entity:
    return {"@id": name}


def _all_to(names: Iterator[str] | Mapping[str, Any]) -> list[Entity]:
    return [_to(name) for name in names]


def _descriptor() -> Entity:
    workflows = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
    return {
        "@type": "CreativeWork",
        "conformsTo": _all_to(iter(["https://w3id.org/ro/crate/1.1", workflows])),
        "about": _to("./"),
    }


def _root(run: Run, files: list[File]) -> Entity:
    return {
        "@type": "Dataset",
        "name": f"A study of knowledge conflict in retrieval-augmented generation, {run.manifest['config_id'][:8]}",
        "description": "Tables, report, logs, config and code of one run of InterExterRAG. The licence is the code's; "
        "data sets have their own, which stand with their files.",
        "datePublished": _time(run.ended),
        "author": _to(run.agent_id or "#agent"),
        "license": _to(LICENCE),
        "conformsTo": _all_to(PROFILES),
        "mainEntity": _to(WORKFLOW),
        "mentions": _to("#run"),
        "hasPart": _all_to(file.name for file in files),
    }


def _file(file: File) -> Entity:
    entity = {
        "@type": "File",
        "name": file.name,
        "contentSize": str(file.size),
        "sha256": file.sha256,
        "encodingFormat": KINDS.get(Path(file.name).suffix, "text/plain"),
    }
    return {**entity, "about": _to("./")} if file.name == "README.md" else entity


def _workflow(run: Run, inputs: Mapping[str, Entity], outputs: Mapping[str, Entity]) -> Entity:
    versions = run.manifest["versions"]
    return {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "InterExterRAG: knowledge conflict in retrieval-augmented generation",
        "conformsTo": _to("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"),
        "version": run.manifest["git_commit"] or "unknown",
        "programmingLanguage": _to(SNAKEMAKE),
        "creator": _to("#authors"),
        "license": _to(LICENCE),
        "input": _all_to(inputs),
        "output": _all_to(outputs),
        "softwareRequirements": _all_to(_package(name, version) for name, version in versions.items()),
    }


def _action(run: Run, given: Mapping[str, Entity], made: Mapping[str, Entity]) -> Entity:
    hardware = run.manifest["hardware"]
    processors = [hardware["processor"], *hardware["gpus"]]
    return {
        "@type": "CreateAction",
        "name": f"The run with seeds {', '.join(map(str, run.config['seeds']))}",
        "description": f"Ended on a machine with {hardware['cores']} cores and {hardware['memory_gib']} GiB of memory: "
        f"{', '.join(filter(None, processors))}.",
        "agent": _to(run.agent_id or "#agent"),
        "instrument": _to(WORKFLOW),
        "startTime": _time(run.began),
        "endTime": _time(run.ended),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "object": _all_to(given),
        "result": _all_to(made),
    }


def _persons(run: Run) -> dict[str, Entity]:
    return {
        "#authors": {"@type": "Organization", "name": "The InterExterRAG contributors"},
        run.agent_id or "#agent": {"@type": "Person", "name": run.agent or "not named"},
    }


def _software(versions: Mapping[str, str]) -> dict[str, Entity]:
    """Describe the language of the workflow, and the packages that can change what it computes."""
    language = {
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "identifier": _to("https://doi.org/10.1093/bioinformatics/bts480"),
        "url": _to("https://snakemake.github.io"),
        "version": versions["snakemake"],
    }
    packages = {
        _package(name, version): {
            "@type": "SoftwareApplication",
            "name": name,
            "url": _package(name, version),
            "softwareVersion": version,
        }
        for name, version in versions.items()
    }
    return {SNAKEMAKE: language, **packages}


def _package(name: str, version: str) -> str:
    """Return the page of a package, or of Python."""
    if name == "python":
        return f"https://docs.python.org/release/{version}/"
    return f"https://pypi.org/project/{quote(name)}/{quote(version)}/"


def _parameters(values: Mapping[str, Entity]) -> dict[str, Entity]:
    """Describe a parameter for each value or file, and tie the two together."""
    found = {}
    for name, entity in values.items():
        key = f"#parameter/{name.removeprefix('#value/')}"
        entity["exampleOfWork"] = _to(key)
        is_file = entity["@type"] == "File"
        found[key] = {
            "@type": "FormalParameter",
            "conformsTo": _to("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
            "name": entity["name"],
            "additionalType": "File" if is_file else FORMS.get(type(entity["value"]), "Text"),
            "workExample": _to(name),
        }
    return found


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the settings of a config as `engine.dtype`, those that have a value; a list is a value, as JSON."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else name)
    elif value not in (None, "", []):
        yield key, canonical_json(value) if isinstance(value, list) else value


def _time(seconds: float) -> str:
    """Return a time as ISO 8601, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
