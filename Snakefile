"""InterExterRAG: knowledge conflict in retrieval-augmented generation, from data to report."""

from snakemake.utils import min_version

min_version("9.27")


# A study is one file: the default is read only where none is named, never merged into another.
if not workflow.config_settings.configfiles:

    configfile: f"{workflow.basedir}/config/config.yaml"


include: "workflow/rules/common.smk"


wildcard_constraints:
    dataset=one_of(config["datasets"]),
    model=one_of(config["models"]),
    seed=one_of(map(str, config["seeds"])),
    split="train|test",
    recipe=one_of(config["recipes"]),
    checkpoint=one_of(layout.checkpoints(config)),
    shard=r"(\.\d+-of-\d+)?",


include: "workflow/rules/data.smk"
include: "workflow/rules/inject.smk"
include: "workflow/rules/prompts.smk"
include: "workflow/rules/recall.smk"
include: "workflow/rules/rationales.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/preflight.smk"
include: "workflow/rules/generate.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/publish.smk"


onstart:
    run_alone()
    refuse_unready()
    refuse_unwritable()
    remove_leftovers()


rule all:
    # A file of every job is asked for, not the report alone. A job that fails leaves its output missing, and Snakemake does
    # not make what only jobs that are up to date would read: the next run would find nothing to do and keep the old report.
    default_target: True
    input:
        study_files(),
    localrule: True
