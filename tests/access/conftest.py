"""The school's two servers, each started once for the room."""

import pytest
from school_world import School, running, set_up

from world import build_world


@pytest.fixture(scope="session")
def cas_address():
    with running("cas") as address:
        yield address


@pytest.fixture(scope="session")
def oidc_address():
    with running("oidc") as address:
        yield address


def _school(request, settings, protocol):
    address = request.getfixturevalue(f"{protocol}_address")
    set_up(settings, protocol, address)
    found = School(protocol, address)
    found.is_of("registrar")
    return found


@pytest.fixture(params=["oidc", "cas"])
def school(request, settings):
    """Each protocol in turn, for what holds for both."""
    return _school(request, settings, request.param)


@pytest.fixture
def cas(request, settings):
    return _school(request, settings, "cas")


@pytest.fixture
def oidc(request, settings):
    return _school(request, settings, "oidc")


@pytest.fixture
def world():
    return build_world()
