"""A person at a screen without a browser: follows links by their words, fills in forms as they stand, presses buttons.

Nothing is sent that the page does not offer: an unknown field, an option that no select has or a hidden value that
somebody would have to type is a mistake of the test, and so is a page that answers with an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState


@dataclass
class Control:
    """A field of a form: its kind, its present value, what it offers."""

    kind: str
    values: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    """A form of a page with its controls and its buttons (words, name, value)."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select = self._area = self._button = self._link = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._form)
            if a.get("id"):
                self.by_id[a["id"]] = self._form
        elif tag == "a" and a.get("href"):
            self._link, self._text = a["href"], ""
        form = self.by_id.get(a.get("form", "")) or self._form
        if form is None or "disabled" in a:
            return
        if tag == "input" and a.get("name"):
            self._input(form, a)
        elif tag == "select":
            self._select = form.controls.setdefault(a.get("name", ""), Control("select"))
        elif tag == "option" and self._select is not None:
            self._select.options[a.get("value", "")] = ""
            self._option = a.get("value", "")
            if "selected" in a or not self._select.values:
                self._select.values = [a.get("value", "")]
            self._text = ""
        elif tag == "textarea":
            self._area, self._text = form.controls.setdefault(a.get("name", ""), Control("text")), ""
        elif tag == "button" and a.get("type", "submit") == "submit":
            self._button, self._text = (form, a.get("name", ""), a.get("value", "")), ""

    def _input(self, form: Form, a: dict[str, str]) -> None:
        kind = a.get("type", "text")
        control = form.controls.setdefault(a["name"], Control(kind))
        if kind in ("checkbox", "radio"):
            control.options[a.get("value", "on")] = ""
            if "checked" in a:
                control.values.append(a.get("value", "on"))
        elif kind == "submit":
            form.buttons.append((a.get("value", ""), a["name"], a.get("value", "")))
        else:
            control.values = [a.get("value", "")]

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "option" and self._select is not None:
            self._select.options[self._option] = self._text.strip()
        elif tag == "textarea" and self._area is not None:
            self._area.values, self._area = [self._text.strip()], None
        elif tag == "button" and self._button is not None:
            form, name, value = self._button
            form.buttons.append((" ".join(self._text.split()), name, value))
            self._button = None
        elif tag == "a" and self._link is not None:
            self.links.append((" ".join(self._text.split()), self._link))
            self._link = None


class Person:
    """Somebody at a desk; ``text`` and ``forms`` are those of the page they look at."""

    def __init__(self, username: str = "", password: str = "") -> None:
        """Signed in, unless no name is given: a graduate on a phone."""
        self.client = Client(enforce_csrf_checks=True)
        if username:
            self.open("/accounts/login/")
            self.press("登录", login=username, password=password)

    def open(self, address: str) -> Person:
        return self._take(self.client.get(address, follow=True))

    def _take(self, answer: Any) -> Person:
        query = answer.request.get("QUERY_STRING", "")
        self.address = answer.request["PATH_INFO"] + (f"?{query}" if query else "")
        self.status, self.answer = answer.status_code, answer
        kind = answer.headers.get("Content-Type", "")
        self.body = answer.getvalue() if answer.streaming else answer.content
        self.text = self.body.decode() if kind.startswith("text/html") else ""
        assert self.status < 400, f"{self.address}: {self.status}\n{_words(self.text)}"
        reader = _Reader()
        reader.feed(self.text)
        self.forms, self.links = reader.forms, reader.links
        return self

    def follow(self, words: str) -> Person:
        """Follow the first link with these words."""
        return self.open(self.link(words))

    def link(self, words: str) -> str:
        found = [address for said, address in self.links if _close(words) in _close(said)]
        assert found, f"no link {words!r} on {self.address}: {[said for said, _ in self.links]}"
        return found[0]

    def offers(self, button: str) -> bool:
        """Whether a form of the page has a button with these words."""
        return any(button in words for form in self.forms for words, _, _ in form.buttons)

    def press(self, button: str, **entered: Any) -> Person:
        """Press a button by its words, after filling in the fields of its form (``a__b`` stands for ``a.b``)."""
        entered = {name.replace("__", "."): value for name, value in entered.items()}
        for form in self.forms:
            for words, name, value in form.buttons:
                if _close(button) in _close(words) and set(entered) <= set(form.controls):
                    return self._send(form, name, value, entered)
        offered = [(words, sorted(form.controls)) for form in self.forms for words, _, _ in form.buttons]
        raise AssertionError(f"no button {button!r} for {sorted(entered)} on {self.address}: {offered}")

    def _send(self, form: Form, name: str, value: str, entered: dict[str, Any]) -> Person:
        data: dict[str, Any] = {}
        for key, control in form.controls.items():
            if key in entered:
                data[key] = self._entered(key, control, entered[key])
            elif control.kind != "file" and control.values:
                data[key] = control.values
        if name:
            data[name] = value
        address = form.action or self.address
        if form.method == "get":
            return self._take(self.client.get(address.partition("?")[0], data, follow=True))
        token = self.client.cookies["csrftoken"].value
        posted = self.client.post(address, data, follow=True, headers={"X-CSRFToken": token})
        return self._take(posted)

    def _entered(self, key: str, control: Control, value: Any) -> Any:
        assert control.kind != "hidden", f"nobody types into the hidden field {key}"
        if control.kind == "file":
            return value
        wanted = [str(one) for one in (value if isinstance(value, (list, tuple)) else [value])]
        if control.kind in ("select", "checkbox", "radio"):
            by_words = {words: code for code, words in control.options.items() if words}
            wanted = [one if one in control.options else by_words.get(one, one) for one in wanted]
            assert set(wanted) <= set(control.options), f"{key}: {wanted} of {control.options}"
        return wanted

    def choices(self, name: str) -> dict[str, str]:
        """What a field of the page offers, code by code."""
        return next(form.controls[name].options for form in self.forms if name in form.controls)


def _close(words: str) -> str:
    """Words as a person reads them: where the page breaks its lines is nothing to look for."""
    return "".join(words.split())


def _words(html: str) -> str:
    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    reader = Words()
    reader.feed(html.partition("<main")[2] or html)
    return " ".join(reader.said.split())[:1500]


def work() -> int:
    """Do what waits for the worker, each job well; returns how many there were."""
    waiting = list(Job.objects.filter(state=JobState.QUEUED).order_by("created_at"))
    for job in waiting:
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.DONE, f"{job.kind}: {job.state} {job.error_code} {job.error}"
    return len(waiting)
