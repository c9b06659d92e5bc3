# Where the project's files are.
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile


def project_folder(rules):
    """The project's folder, given that of its rules.

    Snakemake can read a workflow straight from a git host, as snakedeploy sets it up. Our programs are started from
    files, so that commit is unpacked into the working directory then.
    """
    if rules.is_local:
        return Path(rules.get_path_or_uri(secret_free=True)).parents[1]
    clone = rules.hosted_repo.repo  # Snakemake's own, in its cache
    commit = clone.commit(rules.ref).hexsha
    folder = Path(".cache", "workflow", commit).absolute()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile() as packed, TemporaryDirectory(dir=folder.parent) as part:
            clone.archive(packed, commit)
            packed.seek(0)
            with tarfile.open(fileobj=packed) as files:
                files.extractall(Path(part, "whole"), filter="data")
            try:
                Path(part, "whole").rename(folder)
            except OSError:
                # Another run has unpacked the same commit meanwhile, or there is no room.
                if not folder.is_dir():
                    raise
    return folder
