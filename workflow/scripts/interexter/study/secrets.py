"""Secrets of a config, which are those of its URLs: kept from every file and line that a run writes.

Parameters of rules, and so logs, cards and the config in the results, hold a URL as it may be shown. The program that
downloads finds the whole one in its environment. Every process of Snakemake reads the config and puts it there.
"""

import json
import os
from collections.abc import MutableMapping
from copy import deepcopy
from typing import Any

from ..core.urls import cleaned
from ..data.fetch import SECRETS

Config = dict[str, Any]


def taken_out(config: Config, environment: MutableMapping[str, str] = os.environ) -> Config:
    """Return a checked config without the secrets of its URLs; put the URLs into the environment of the jobs."""
    shown = deepcopy(config)
    whole = {}
    for dataset in shown["datasets"].values():
        source = dataset["source"]
        if source["kind"] == "url" and (shown_url := cleaned(source["url"])) != source["url"]:
            whole[source["sha256"]] = source["url"]
            source["url"] = shown_url
    if whole:
        environment[SECRETS] = json.dumps(whole)
    return shown
