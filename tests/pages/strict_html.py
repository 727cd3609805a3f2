"""A page read as strictly as no browser does: every tag closed in its turn, ids once, nothing where it may not stand."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
NOT_WITHIN_ITSELF = frozenset(["form", "a", "button", "label", "p", "option", "select"])
NO_TEXT = frozenset(["table", "thead", "tbody", "tr", "ul", "ol", "dl", "select"])
PARENTS = {
    "tr": {"thead", "tbody", "tfoot", "table"},
    "td": {"tr"},
    "th": {"tr"},
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "option": {"select", "optgroup", "datalist"},
    "summary": {"details"},
    "thead": {"table"},
    "tbody": {"table"},
}
ONLY = {
    "tr": {"td", "th", "template"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "tbody": {"tr", "template"},
    "thead": {"tr"},
    "ul": {"li", "template"},
    "ol": {"li", "template"},
}
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "div",
        "dl",
        "fieldset",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
NO_BLOCKS = frozenset(["p", "h1", "h2", "h3", "h4", "span", "button", "label", "small", "strong"])
WORDS_FOR_READERS = frozenset(["title", "placeholder", "aria-label", "alt", "data-confirm", "summary"])


class StrictPage(HTMLParser):
    """``faults`` of a page with their lines; ``words`` a person reads or hears, ``links``, ``help`` and ``language`` of it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.help = ""
        self._open: list[str] = []
        self._ids: set[str] = set()
        self._labels: list[str] = []
        self.feed(html)
        self.close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        self.faults += [f"label for nothing: {name}" for name in self._labels if name not in self._ids]

    def _fault(self, words: str) -> None:
        line, column = self.getpos()
        self.faults.append(f"{line}:{column} {words} in {' '.join(self._open[-4:])}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        self._place(tag)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        self._place(tag)
        if tag not in VOID and "svg" not in self._open:
            self._fault(f"<{tag}/> does not close itself")

    def _place(self, tag: str) -> None:
        parent = self._open[-1] if self._open else ""
        if (
            parent and tag in PARENTS and parent not in PARENTS[tag] and "svg" not in self._open
        ):  # a fragment has no parent
            self._fault(f"<{tag}> may not stand")
        if parent in ONLY and tag not in ONLY[parent]:
            self._fault(f"<{tag}> may not stand")
        if tag in BLOCKS and parent in NO_BLOCKS:
            self._fault(f"block <{tag}>")
        if tag in NOT_WITHIN_ITSELF and tag in self._open:
            self._fault(f"<{tag}> within itself")

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        for name in {one for one in names if names.count(one) > 1}:
            self._fault(f"<{tag}> has {name} twice")
        known = {name: value or "" for name, value in attrs}
        for name in names:
            if not all(c.isalnum() or c in "-_:.@" for c in name):
                self._fault(f"<{tag}> has an attribute {name!r}")
        if "id" in known:
            if known["id"] in self._ids or not known["id"]:
                self._fault(f"id {known['id']!r} twice")
            self._ids.add(known["id"])
        if tag == "label" and known.get("for"):
            self._labels.append(known["for"])
        if tag == "html":
            self.language = known.get("lang", "")
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
            if "help-link" in known.get("class", "").split():
                self.help = known["href"]
        if tag == "img" and "alt" not in known:
            self._fault("a picture without alt")
        self.words += [known[name] for name in known.keys() & WORDS_FOR_READERS]
        if tag == "input" and known.get("type") in ("submit", "button"):
            self.words.append(known.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self._fault(f"</{tag}> closes nothing")
        elif self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self._fault(f"stray </{tag}>")
            if tag in self._open:
                while self._open.pop() != tag:
                    pass

    def handle_data(self, data: str) -> None:
        parent = self._open[-1] if self._open else ""
        if parent in ("script", "style"):
            return
        if data.strip():
            if parent in NO_TEXT:
                self._fault(f"text {data.strip()[:20]!r}")
            self.words.append(data)
