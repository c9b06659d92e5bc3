"""A real browser for the tests of pages: what it makes of one, how wide it lays it out, how many sheets it prints."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def opened(page: Path, *options: str) -> str:
    """What a browser makes of a page that it opens as a file."""
    return _run(page, "--virtual-time-budget=600000", "--dump-dom", *options).stdout


def asked(page: Path, expression: str, width: int) -> Any:
    """What an expression of JavaScript is worth in a page, or a promise, where the page is so many pixels wide.

    The page stands in a frame: a window can be no narrower than some 500 pixels.
    """
    text = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", page.read_text(encoding="utf-8"))
    tell = "(told) => { parent.postMessage(JSON.stringify(told), '*'); }"
    asking, frame = page.with_name("asking.html"), page.with_name("frame.html")
    told = f"<script>Promise.resolve({expression}).then({tell});</script>"
    asking.write_text(text.replace("</body>", f"{told}</body>"), encoding="utf-8")
    heard = "<script>onmessage = (told) => { document.body.textContent = told.data; };</script>"
    framed = f'<iframe src="{asking.name}" style="width: {width}px; height: 900px; border: 0"></iframe>'
    frame.write_text(f"<!DOCTYPE html><body>{heard}{framed}</body>", encoding="utf-8")
    [found] = re.findall(r"<body>(.*?)</body>", opened(frame, f"--window-size={width + 100},1000"), re.DOTALL)
    return json.loads(html.unescape(found))


def sheets(page: Path) -> int:
    """How many sheets a page takes in print."""
    printed = page.with_suffix(".pdf")
    _run(page, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    return len(re.findall(rb"/Type /Page\b", printed.read_bytes()))


def _run(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("there is no chromium")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={page.parent / 'profile'}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True)
