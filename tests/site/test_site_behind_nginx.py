"""A site behind a real nginx with TLS: the file of deploy/nginx, our own `serve`, Chromium (issue 11, section 1)."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from benchmarks.free_ports import free_port
from https_client import NAME, Visitor, certificate
from serving import ROOT, environment, terminal, until

from patience import PROCESS_S

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "correct-horse-7"


@pytest.fixture(scope="module")
def nginx():
    if subprocess.run([ROOT / "scripts" / "need-nginx"], check=False).returncode:
        pytest.skip("no nginx and none can be had (scripts/need-nginx): HTTPS behind a proxy was NOT tried")
    return shutil.which("nginx") or "/usr/sbin/nginx"


def nginx_configuration(folder: Path, ports: dict[str, int], cert: Path, key: Path) -> Path:
    """The file of deploy/nginx with this test's ports and certificate, in a main file that keeps to one folder."""
    site = (ROOT / "deploy" / "nginx" / "gradphoto.conf").read_text(encoding="utf-8")
    replaced = {
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{ports['site']};",
        r"listen 80\b": f"listen 127.0.0.1:{ports['http']}",
        r"listen 443\b": f"listen 127.0.0.1:{ports['https']}",
        r" *listen \[::\]:.*\n": "",
        r"/var/log/nginx": str(folder),
        r"/etc/letsencrypt/live/photo\.example\.edu/fullchain\.pem": str(cert),
        r"/etc/letsencrypt/live/photo\.example\.edu/privkey\.pem": str(key),
    }
    for pattern, text in replaced.items():
        site, count = re.subn(pattern, text, site)
        assert count, f"{pattern} is no longer in deploy/nginx/gradphoto.conf"
    own = "user root;\n" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "site.conf").write_text(site)
    main = folder / "nginx.conf"
    main.write_text(
        f"{own}pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\n{temporary}  access_log {folder}/access.log;\n  include {folder}/site.conf;\n}}\n"
    )
    return main


@pytest.fixture(scope="module")
def site(nginx, tmp_path_factory):
    """The whole installation: data, `gradphoto serve`, nginx before it. Yields ports, certificate and who may sign in."""
    folder = tmp_path_factory.mktemp("https")
    data = folder / "data"
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    seeded = subprocess.run(
        [sys.executable, Path(__file__).with_name("https_world.py"), PASSWORD], capture_output=True, text=True, timeout=PROCESS_S,
        env={**environment(data), "PYTHONPATH": paths},
    )  # fmt: skip
    assert seeded.returncode == 0, seeded.stderr
    ports = {name: free_port() for name in ("site", "http", "https")}
    cert, key = certificate(folder)
    main = nginx_configuration(folder, ports, cert, key)
    given = {"GRADPHOTO_SITE_URL": f"https://{NAME}:{ports['https']}", "GRADPHOTO_TRUSTED_PROXIES": "127.0.0.1"}
    serve = ("serve", "--port", str(ports["site"]), "--workers", "1", "--no-worker")
    with terminal(data, *serve, **given) as screen:
        running = subprocess.Popen([nginx, "-p", folder, "-c", main, "-e", folder / "error.log", "-g", "daemon off;"])
        try:
            until(lambda: _listens(ports["https"]) and _listens(ports["site"]))
            assert "GRADPHOTO_SITE_URL" not in screen.read(), "it is set: nothing to say"
            yield {
                "folder": folder,
                "ports": ports,
                "cert": cert,
                "url": given["GRADPHOTO_SITE_URL"],
                **json.loads(seeded.stdout),
            }
        finally:
            running.terminate()
            running.wait(PROCESS_S)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PROCESS_S):
        return True
    return False


def test_staff_and_graduate_sign_in_over_https_in_a_browser(site):
    from chromium import opened_chromium

    rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
    with opened_chromium(rules) as browser:
        desk = browser.new_context(ignore_https_errors=True, base_url=site["url"], locale="zh-CN")
        page = desk.new_page()
        first = page.goto("/accounts/login/")
        assert first.headers["strict-transport-security"].startswith("max-age=31536000")
        page.fill("#id_login", site["username"])
        page.fill("#id_password", PASSWORD)
        page.click("main button")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        assert page.locator("main").count() == 1
        cookies = {one["name"]: one for one in desk.cookies()}
        assert cookies["sessionid"]["secure"]
        assert cookies["csrftoken"]["secure"]
        assert cookies["sessionid"]["httpOnly"]

        phone = browser.new_context(
            ignore_https_errors=True, base_url=site["url"], viewport={"width": 390, "height": 844}
        )
        page = phone.new_page()
        page.goto("/verify/sign-in/")
        for field, value in site["card"].items():
            page.fill(f"#card-{field}", value)
        page.click("main form button")
        page.wait_for_url("**/verify/compare/")
        assert site["card"]["name"] in page.inner_text("main")
        assert all(one["secure"] for one in phone.cookies())


def test_each_client_behind_the_proxy_waits_for_its_own_wrong_tries_only(site):
    """A stranger's tries at a graduate's card and at an officer's name do not make the right person wait (R165)."""
    card = {**site["card"], "code": "AAAAAAAAAA"}
    stranger, graduate = Visitor(site, "127.0.0.2"), Visitor(site, "127.0.0.3")
    statuses = [
        stranger.send("/verify/sign-in/", card, **{"X-Forwarded-For": f"198.51.100.{n}"}).status for n in range(8)
    ]
    assert statuses[0] == 403
    assert statuses[-1] == 429, "a header of its own gives the stranger no new address"
    assert graduate.send("/verify/sign-in/", site["card"]).status == 302

    statuses = [
        stranger.send("/accounts/login/", {"login": site["username"], "password": f"wrong-{n}"}).status
        for n in range(8)
    ]
    assert statuses[-1] == 429
    officer = {"login": site["username"], "password": PASSWORD}
    assert Visitor(site, "127.0.0.4").send("/accounts/login/", officer).status == 302


def test_http_leads_to_https_and_an_unknown_host_is_refused(site):
    plain = http.client.HTTPConnection("127.0.0.1", site["ports"]["http"], timeout=PROCESS_S)
    plain.request("GET", "/verify/", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/verify/")

    visitor = Visitor(site)
    assert visitor.ask("/verify/").status == 200
    with pytest.raises(http.client.RemoteDisconnected):
        visitor.ask("/verify/", Host="evil.example")
    assert visitor.ask("/verify/", **{"X-Forwarded-Host": "evil.example"}).status == 200, "nginx writes its own"
    past = http.client.HTTPConnection("127.0.0.1", site["ports"]["site"], timeout=PROCESS_S)
    past.request("GET", "/verify/", headers={"Host": "evil.example"})
    assert past.getresponse().status == 400, "and who gets past nginx is refused by the site itself"


def test_no_log_of_the_proxy_holds_an_address_or_what_was_searched(site):
    visitor, key = Visitor(site), "23456789ABCDEFGHJKMN"
    assert visitor.ask(f"/accounts/invitation/{key}/").status == 302
    assert visitor.ask("/accounts/login/?q=110101200403050011").status == 302, "without the number"
    assert visitor.ask("/accounts/login/?q=searched").status == 200
    http.client.HTTPConnection("127.0.0.1", site["ports"]["http"], timeout=PROCESS_S).request("GET", f"/{key}/")
    until(lambda: " 200 " in (site["folder"] / "gradphoto.log").read_text())
    for log in site["folder"].glob("*.log"):
        text = log.read_text()
        assert key not in text, log.name
        assert "110101200403050011" not in text, log.name
        assert "searched" not in text, log.name


def test_a_form_from_elsewhere_is_refused(site):
    visitor = Visitor(site)
    visitor.ask("/verify/sign-in/")
    refused = visitor.ask("/verify/sign-in/", site["card"], Origin="https://evil.example")
    assert refused.status == 403
    assert "Strict-Transport-Security" in refused.headers
