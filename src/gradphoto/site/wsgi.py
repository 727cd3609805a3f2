"""The WSGI entry for granian or any other server."""

from django.core.handlers.wsgi import WSGIHandler

from gradphoto.site.starting import start_django

start_django()
application = WSGIHandler()


def _require_known_keys() -> None:
    """Another database's keys are refused at once; a database that is away for a moment is none of this."""
    import logging

    from django.db import DatabaseError, close_old_connections

    from gradphoto.apps.core.key_register import require_known_keys

    try:
        require_known_keys()
    except DatabaseError:
        logging.getLogger(__name__).warning("keys.not_checked", exc_info=True)
    close_old_connections()


_require_known_keys()
