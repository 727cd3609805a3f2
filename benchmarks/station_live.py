"""A station at work, nothing of it imitated but the hardware: ``gradphoto station serve`` with its devices' process, a card
reader on a pseudo-terminal, a camera that writes into the hot folder, and somebody who looks at the page.

Used by the benchmark of the whole path and by the test that sees persons and frames bound on the screen.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from html import unescape
from pathlib import Path

from benchmarks.free_ports import free_port

SOURCE = Path(__file__).resolve().parents[1] / "src"
_START_S = 300.0
_LIVE = re.compile(r'<div\s+data-poll\s+hx-get="([^"]+)"\s+hx-trigger="([^"]+)"')
_PICTURE = re.compile(r'<image\s+href="([^"]+)"|<img\s+class="verdict-picture"\s+src="([^"]+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def environment(data: Path) -> dict[str, str]:
    """What a process of this laptop sees: nothing of the caller's own installation."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_", "PG"))}
    if "GRADPHOTO_MODELS" in os.environ:
        kept["GRADPHOTO_MODELS"] = os.environ["GRADPHOTO_MODELS"]
    return kept | {"GRADPHOTO_DATA": str(data), "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}


class Screen:
    """Somebody's browser without its picture: it asks what the page asks, when the page asks it, and reads the answer."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self._seen: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._pictures: dict[str, float] = {}
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, path: str, *, fragment: bool = False, timeout_s: float = 90.0) -> tuple[int, str]:
        """Status and text; ``fragment`` asks as htmx does."""
        request = urllib.request.Request(self.address + path, headers={"HX-Request": "true"} if fragment else {})
        with self._opener.open(request, timeout=timeout_s) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")

    def post(self, page: str, path: str, **fields: str) -> str:
        """Send a form of ``page`` to ``path``; the page that follows."""
        token = _TOKEN.search(self.get(page)[1])
        assert token is not None, "the page has no form"
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        request = urllib.request.Request(self.address + path, data=body, headers={"Referer": self.address + page})
        with self._opener.open(request, timeout=90) as answer:
            return str(answer.read().decode("utf-8", "replace"))

    def sign_in(self, username: str, pin: str) -> None:
        """As one of the crew."""
        page = self.get("/station/sign-in/")[1]
        crew = re.findall(r'name="person" value="(\d+)".*?<label[^>]*>([^<]*)<', page, re.DOTALL)
        person = next(value for value, name in crew if username in name)
        assert "/station/sign-in/" not in self.post("/station/sign-in/", "/station/sign-in/", person=person, pin=pin)

    def watch(self, session: int, chair: int = 1) -> None:
        """Keep the page of a session's chair open from now on."""
        self._thread = threading.Thread(target=self._look, args=(session, chair), daemon=True)
        self._thread.start()

    def wait_for(self, wanted: Callable[[str], bool], timeout_s: float = 120.0) -> float:
        """The moment (``perf_counter``) at which the page first showed it. ``AssertionError`` when it never does."""
        ends, looked = time.perf_counter() + timeout_s, max(0, len(self._seen) - 1)
        with self._news:
            while True:
                for at, text in self._seen[looked:]:
                    if wanted(text):
                        return at
                looked = len(self._seen)
                left = ends - time.perf_counter()
                assert left > 0, "the page never showed it; it shows: " + plain(self.text)[-1500:]
                self._news.wait(left)

    @property
    def text(self) -> str:
        """What the page shows now."""
        return self._seen[-1][1] if self._seen else ""

    def pictures(self) -> dict[str, float]:
        """When each picture of the page was there."""
        return dict(self._pictures)

    def close(self) -> None:
        self._done.set()

    def enter(self, session_key: str) -> None:
        """With the session of somebody who has signed in already."""
        self._opener.addheaders.append(("Cookie", f"sessionid={session_key}"))

    def _look(self, session: int, chair: int) -> None:
        text = self.get(f"/capture/{session}/?chair={chair}")[1]
        while not self._done.is_set():
            self._show(text)
            text = self._next(text)

    def _next(self, text: str) -> str:
        """The answer that changes the page: asked for by the trigger that the page itself names."""
        live = _LIVE.search(text)
        assert live is not None, plain(text)[:800]
        path, trigger = unescape(live[1]), live[2]
        every = re.search(r"every (\d+)ms", trigger)
        pause = int(every[1]) / 1000 if every else 0.0
        at_once = "load" in trigger
        while not self._done.is_set():
            if not at_once:
                self._done.wait(pause)
            at_once = False
            try:
                status, answer = self.get(path, fragment=True)
            except OSError:
                if self._done.is_set():
                    break
                continue
            if status == 200 and "data-poll" in answer:
                return answer
        return text

    def _show(self, text: str) -> None:
        with self._news:
            self._seen.append((time.perf_counter(), text))
            self._news.notify_all()
        for found in _PICTURE.findall(text):
            path = unescape(found[0] or found[1])
            if path not in self._pictures:
                threading.Thread(target=self._fetch, args=(path,), daemon=True).start()

    def _fetch(self, path: str) -> None:
        request = urllib.request.Request(self.address + path)
        with self._opener.open(request, timeout=90) as answer:
            answer.read()
        self._pictures[path] = time.perf_counter()


class LiveStation:
    """A laptop opened from a kit, serving; a context manager that ends what it began."""

    def __init__(self, folder: Path, kit: bytes, passphrase: str) -> None:
        self.data, self.hot = folder / "laptop", folder / "hot"
        self.hot.mkdir(parents=True)
        self._folder, self._kit, self._passphrase = folder, kit, passphrase
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def open(self) -> None:
        """``gradphoto station open``."""
        kit, words = self._folder / "a1.gpkit", self._folder / "a1.words"
        kit.write_bytes(self._kit)
        words.write_text(self._passphrase, encoding="utf-8")
        self._run("open", str(kit), "--data", str(self.data), "--passphrase-file", str(words))

    def serve(self, *devices: str) -> Screen:
        """``gradphoto station serve``; returns when the site answers."""
        arguments = ["serve", "--data", str(self.data), "--port", str(self.port), "--frames", str(self.hot), *devices]
        with (self._folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gradphoto.cli", "station", *arguments],
                env=environment(self.data),
                stdout=log,
                stderr=log,
            )
        screen = Screen(f"http://127.0.0.1:{self.port}")
        ends = time.monotonic() + _START_S
        while time.monotonic() < ends:
            assert self._process.poll() is None, self.log()
            try:
                screen.get("/station/sign-in/")
            except OSError:
                time.sleep(0.1)
            else:
                return screen
        raise AssertionError("the station did not start: " + self.log())

    def said(self, words: str, timeout_s: float = _START_S) -> None:
        """Wait until the station's console says it."""
        ends = time.monotonic() + timeout_s
        while words not in self.log():
            assert time.monotonic() < ends, f"the console never said {words!r}: {self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        """What the console shows."""
        path = self._folder / "serve.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """End it as somebody does who presses Ctrl+C."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_START_S)

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "gradphoto.cli", "station", *arguments],
            env=environment(self.data), capture_output=True, text=True, timeout=_START_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def __enter__(self) -> LiveStation:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(html)))


def shows_person(number: str) -> Callable[[str], bool]:
    """Whether a page has this shooting number in the chair, or as the one who was there last."""
    return lambda text: re.search(rf'class="station-number">{number}<', text) is not None


def shows_verdict(number: str) -> Callable[[str], bool]:
    """Whether a page tells the verdict on this number's frame: in the chair, or as the one just photographed."""
    judged = re.compile(r'id="shown-\d+-(?:pass|review|fail)"')
    return lambda text: shows_person(number)(text) and judged.search(text) is not None
