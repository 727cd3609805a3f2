"""What is loaded late is loaded once and whole, however many threads of a server ask for it first."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from gradphoto.engine.late_import import late

pytestmark = pytest.mark.engine


def test_two_threads_that_ask_first_both_get_the_whole_module(tmp_path, monkeypatch):
    (tmp_path / "heavy_made_up.py").write_text("import time\ntime.sleep(0.05)\nanswer = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    heavy, both = late("heavy_made_up"), Barrier(2)
    assert "heavy_made_up" not in sys.modules

    def ask(_):
        both.wait()
        return heavy.answer

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(ask, range(2))] == [42, 42]
    del sys.modules["heavy_made_up"]


def test_what_is_not_installed_is_told_at_once():
    with pytest.raises(ModuleNotFoundError):
        late("no_such_library_of_ours")
