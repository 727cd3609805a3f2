"""Passwords here are many and say nothing about hashing: the cheapest hasher will do."""

import pytest


@pytest.fixture(autouse=True)
def _cheap_hasher(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
