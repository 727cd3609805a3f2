"""First passwords: made by the machine, shown once, handed over in person."""

from __future__ import annotations

import secrets

_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Without signs that look alike: a password is read off the screen once."""


def made_up_password() -> str:
    """Four groups of five signs, about 115 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(4))
