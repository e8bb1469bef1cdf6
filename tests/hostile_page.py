"""Hostile texts, and a page as a browser finds it."""

import re
from html.parser import HTMLParser

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title></textarea></details></svg><svg onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "{{ 7 * 7 }}{% raw %}",
    "]]><!-- --><?xml",
    "\x00\x1b[2J\u202etxt.exe\u2066\ud83d",
]  # fmt: skip


class Page(HTMLParser):
    """What a browser would find: tags, attributes, words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def check(page: str) -> Page:
    page.encode("utf-8")
    found = Page(page)
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "textarea"}
    assert not [name for name, _ in found.attributes if name.startswith("on") or name == "src"]
    assert all(value.startswith("#") for name, value in found.attributes if name in {"href", "xlink:href"})
    assert page.count("</style>") == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", page)
    return found
