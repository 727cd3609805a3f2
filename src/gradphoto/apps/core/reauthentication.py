"""Steps that want a recent proof of who sits there: password or second factor, not only a browser left signed in.

Which actions those are stands in one table (``access.sensitive``); the action machinery asks here before such an
action runs, and a view or action asks itself where only some calls are sensitive (an export with whole numbers).
Outside a request of a signed-in person (command line, background work that was asked for by an action) nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SENSITIVE_ACTIONS: set[str] = set()
_proven: ContextVar[Callable[[], bool] | None] = ContextVar("recently_proven", default=None)


class ReauthenticationRequired(Exception):  # noqa: N818 - a question, not a fault
    """The step waits until the person has proven anew who it is; nothing was changed.

    It is no ``Refusal``, so that no page turns it into a sentence: the middleware keeps what was typed and asks.
    """


def require_recent_proof() -> None:
    """Raises ``ReauthenticationRequired`` when the present request's last proof is too old."""
    proven = _proven.get()
    if proven is not None and not proven():
        raise ReauthenticationRequired


def require_for_action(name: str) -> None:
    """As ``require_recent_proof``, for the actions of the table only."""
    if name in SENSITIVE_ACTIONS:
        require_recent_proof()


@contextmanager
def proof_of_request(proven: Callable[[], bool]) -> Iterator[None]:
    """While a request is answered, ``proven`` says whether its person proved recently who it is."""
    token = _proven.set(proven)
    try:
        yield
    finally:
        _proven.reset(token)
