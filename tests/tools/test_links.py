"""Links of the pages lead somewhere, the index has every page, and the README stays short."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md", "profiles/README.md")
]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*TOP, *DOCS]
FENCED = re.compile(r"^( *)(```+).*?^\1\2$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCED.sub("", page.read_text())


def links(page: Path) -> list[str]:
    """Return what a page links to in this repository."""
    return [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives to a page's headings: lower case, no punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.+?) *$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    """Tell whether a file, or the heading in it, is missing."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if leads_nowhere(page, link)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Its `title`, here\n\n[a](gone.md) [b](#gone) [c](#its-title-here) [d](page.md)\n\n```\n[e](f)\n```\n"
    )
    assert [link for link in links(page) if leads_nowhere(page, link)] == ["gone.md", "#gone"]


def test_every_page_is_reached_from_the_index() -> None:
    reached, new = set(), {(ROOT / "docs/README.md").resolve()}
    while new:
        reached |= new
        found = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)}
        new = {page for page in found if page.suffix == ".md"} - reached
    assert {page.resolve() for page in PAGES} - reached == set()


def test_the_index_itself_names_every_page_of_its_folder() -> None:
    named = {link for link in links(ROOT / "docs/README.md") if "/" not in link}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} == named


def test_a_newcomer_reads_the_first_page_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_paths_of_results_have_the_seed_that_rules_put_into_them() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    folders = set(re.findall(r'"results/(\w+)/\{dataset\}/seed-', rules))
    assert {"answers", "checkpoints", "examples"} < folders
    without = re.compile(rf"results/(?:{'|'.join(sorted(folders))})/\w+/(?!seed-)\w+")
    assert [found for page in PAGES for found in without.findall(page.read_text())] == []
