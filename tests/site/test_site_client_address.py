"""Issue 11, section 1: a forwarded header counts only from a trusted proxy, and then the right-most hop that is none."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from gradphoto.apps.core.client_address import ForwardedHeaders, client_address

TRUSTED = [ip_network("127.0.0.1"), ip_network("10.1.0.0/16"), ip_network("fd00::/8")]


def arrived(settings, peer, trusted=TRUSTED, **headers):
    """The request as the views see it."""
    settings.TRUSTED_PROXIES = trusted
    settings.ALLOWED_HOSTS = ["*"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    ForwardedHeaders(lambda request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the first was written by the client
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),  # two proxies of ours
        ("127.0.0.1", "10.1.9.9, 203.0.113.7, 10.1.2.3", "203.0.113.7"),  # a client that claims to be ours
        ("127.0.0.1", "10.1.7.7, 10.1.2.3", "10.1.7.7"),  # asked from inside
        ("10.1.2.3", "", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.7, nonsense, 10.1.2.3", "10.1.2.3"),  # nobody knows who wrote it
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("127.0.0.1", '"[2001:db8::7]:443"', "2001:db8::7"),
        ("fd00::1", "2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),  # a socket for both families
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy: its header is dropped
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_is_the_right_most_hop_that_is_no_trusted_proxy(settings, peer, forwarded_for, client):
    request = arrived(settings, peer, HTTP_X_FORWARDED_FOR=forwarded_for)
    assert client_address(request) == client
    assert "HTTP_X_FORWARDED_FOR" not in request.META


def test_nothing_is_believed_where_no_proxy_is_trusted(settings):
    written = {
        "HTTP_X_FORWARDED_FOR": "198.51.100.1", "HTTP_X_REAL_IP": "198.51.100.1", "HTTP_FORWARDED": "for=198.51.100.1",
        "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.example",
    }  # fmt: skip
    request = arrived(settings, "127.0.0.1", trusted=[], **written)
    assert client_address(request) == "127.0.0.1"
    assert not request.is_secure()
    assert request.get_host() == "testserver"
    assert not set(written) & set(request.META)


@pytest.mark.parametrize(
    ("hops", "protos", "secure"),
    [
        ("203.0.113.7", "https", True),
        ("203.0.113.7", "http", False),
        ("203.0.113.7, 10.1.2.3", "https, http", True),  # TLS ends at the outer proxy, which wrote the first
        ("203.0.113.7, 10.1.2.3", "https", True),  # the inner one passes the outer one's on
        ("198.51.100.1, 203.0.113.7", "https, http", False),  # the client wrote the first itself
        ("203.0.113.7", "wss", False),
    ],
)
def test_scheme_and_host_are_those_of_the_same_hop(settings, hops, protos, secure):
    request = arrived(
        settings, "127.0.0.1", HTTP_X_FORWARDED_FOR=hops, HTTP_X_FORWARDED_PROTO=protos,
        HTTP_X_FORWARDED_HOST="photo.example.edu",
    )  # fmt: skip
    assert request.is_secure() is secure
    assert request.get_host() == "photo.example.edu"


@pytest.mark.django_db
def test_wrong_passwords_are_counted_for_each_client_behind_the_proxy_by_itself(settings):
    """A stranger's wrong passwords do not make the person wait who has the same proxy (R: issue 11)."""
    settings.TRUSTED_PROXIES = TRUSTED
    answers = [
        Client()
        .post(
            "/accounts/login/", {"login": "nobody", "password": "wrong"}, REMOTE_ADDR="127.0.0.1",
            HTTP_X_FORWARDED_FOR=client,
        )
        .status_code
        for client in ["203.0.113.7"] * 6 + ["203.0.113.8"]
    ]  # fmt: skip
    assert answers == [422] * 5 + [429, 422]
