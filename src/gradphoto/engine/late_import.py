"""Heavy libraries are loaded when first used: a command that plans nothing need not wait for the solver (and pandas)."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any


class _Late:
    """Stands for a module until somebody asks it for something. Python's own locks let two threads that ask at once wait for
    one import; ``importlib.util.LazyLoader`` shows the second one a module that is still empty (Python before 3.11.9).
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


def late(name: str) -> Any:
    """The module of that name, executed at the first look at one of its attributes.

    For mypy the same module is imported under ``TYPE_CHECKING``. Raises ``ModuleNotFoundError`` at once where it is not
    installed.
    """
    if importlib.util.find_spec(name) is None:
        raise ModuleNotFoundError(name)
    return _Late(name)
