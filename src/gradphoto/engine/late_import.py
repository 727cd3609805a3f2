"""Heavy libraries are loaded when first used: a command that plans nothing need not wait for the solver (and pandas)."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


def late(name: str) -> ModuleType:
    """The module of that name, executed at the first look at one of its attributes.

    For mypy the same module is imported under ``TYPE_CHECKING``. Raises ``ModuleNotFoundError`` at once where it is not
    installed.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    loader = importlib.util.LazyLoader(spec.loader)
    spec.loader = loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module
