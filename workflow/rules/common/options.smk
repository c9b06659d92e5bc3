# How a value or a file that may be missing reaches a program: as an option, or not at all.


def option(name, value):
    """An option of a program with its value; nothing where there is no value."""
    return f"{name} {quote(str(value))}" if value else ""


def given(name):
    """The option --NAME with the input files of that name; nothing where the job has none."""

    def told(wildcards, input):
        files = input.get(name) or []
        files = [files] if isinstance(files, str) else list(files)
        return " ".join(
            [f"--{name.replace('_', '-')}", *map(quote, files)] if files else []
        )

    return told


def results_folder(wildcards, output):
    """The folder of all results, wherever a working directory or a prefix of a module puts it."""
    return f"{str(output[0]).rpartition('results/')[0]}results"


def store_folder(wildcards, output):
    """The folder of finished generations."""
    return f"{results_folder(wildcards, output)}/store"


def tracking_folder(wildcards, output):
    """The folder that those write into by whom trainings are watched."""
    return f"{results_folder(wildcards, output)}/tracking"


def weights_folder(wildcards, input):
    """The folder of weights beside the manifest that a job takes: rules depend on the manifest."""
    return input.manifest.removesuffix(".manifest.json")
