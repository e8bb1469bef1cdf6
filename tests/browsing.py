"""A real browser for tests, and a script that must not run in it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's package 'chromium'"),
]

# The mark is put together by the script, so that the script's own text does not hold it.
MARK = "feint" + "ran"
SCRIPT = "document.documentElement.dataset.ran = 'feint' + 'ran'"
PAYLOAD = (
    f"<script>{SCRIPT}</script><img src=x onerror=\"{SCRIPT}\"><svg onload=\"{SCRIPT}\"></svg></style></title>"
    f"<script>{SCRIPT}</script>\"><script>{SCRIPT}</script>"
    f"<iframe srcdoc=\"<script>parent.{SCRIPT}</script>\"></iframe>"
    f"<a href=\"javascript:{SCRIPT}\" autofocus onfocus=\"{SCRIPT}\">x</a><style>body{{display:none}}</style>"
)  # fmt: skip
MEASURE = """<!doctype html><iframe style="width:360px;height:800px;border:0" srcdoc="{page}" onload="
  const inside = this.contentDocument;
  inside.querySelectorAll('details').forEach(part => part.open = true);
  const root = inside.documentElement;
  document.documentElement.dataset.width = root.clientWidth + ' ' + root.scrollWidth"></iframe>"""


@pytest.fixture
def browse(tmp_path: Path) -> Callable[..., str]:
    def run(page: str, *flags: str) -> str:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        command = [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}", *flags, file.as_uri(),
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return run
