"""Opening the installation for a command: Django, and the keys that belong to its database."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


def open_installation() -> None:
    """Set Django up and refuse to work with keys that are not those of the database (``core.keys_differ``).

    Raises ``installation.not_begun`` where there is none yet.
    """
    from gradphoto.site.starting import start_django

    start_django()
    from django.db import connection

    if "core_knownkey" not in connection.introspection.table_names():
        raise GradPhotoError(
            "installation.not_begun",
            Wording("这里还没有建立系统。", "There is no installation here yet."),
            Wording("请检查 GRADPHOTO_DATA 和 GRADPHOTO_DATABASE；新装请先运行 gradphoto setup。",
                    "Check GRADPHOTO_DATA and GRADPHOTO_DATABASE; a new one begins with gradphoto setup."),
        )  # fmt: skip
    from gradphoto.apps.core.key_register import require_known_keys

    require_known_keys()
