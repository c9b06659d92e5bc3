"""Write the report of a study: an HTML page, and another of all single examples with its data beside it."""

import argparse
from pathlib import Path

from interexter.core import program
from interexter.core.files import folder_beside, write_text
from interexter.report import browser, inputs, page
from interexter.study import layout, report_files


def main() -> None:
    """Parse, read every table, write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="the study's folder of results")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config of the study")
    parser.add_argument("--out", type=Path, required=True, help="the HTML page")
    parser.add_argument("--examples-out", type=Path, required=True, help="the HTML page of single examples")
    parser.add_argument("--examples-folder", type=Path, required=True, help="the folder of what both pages lead to")
    args = parser.parse_args()

    config = inputs.read_config(args.config)
    asked = layout.asks_memory_of_training(config)
    study = inputs.read(args.results / "report", config, report_files.of_study(args.results, config), asked)
    html = page.render(study, args.examples_folder.name)
    with folder_beside(args.examples_folder) as folder:
        examples = browser.render(study, folder, args.examples_folder.name)
        for name, text in page.condition_pages(study):
            write_text(folder / name, text)
    write_text(args.examples_out, examples)
    write_text(args.out, html)
    print(f"report: n_metrics={len(study.metrics)} n_labels={len(study.labels)} kib={len(html.encode()) // 1024}")


if __name__ == "__main__":
    program.run(main)
