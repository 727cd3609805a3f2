"""Model files come from pinned wheels, are checked by hash, and are reused offline."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading

import pytest

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.errors import ModelError
from gradphoto.engine.portrait.interpreter import _GREETING, _unheard
from gradphoto.engine.portrait.models import InstallState


def test_every_model_of_the_manifest_is_in_the_cache_with_its_hash(installed_models):
    assert {model.name for model in installed_models} == {entry.name for entry in models.manifest()}
    for model in installed_models:
        assert model.path.stat().st_size == model.size_bytes


def test_a_full_cache_needs_no_network(installed_models, tmp_path, monkeypatch):
    for model in installed_models:
        shutil.copy(model.path, tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was downloaded"))
    steps = []
    again = models.install(tmp_path, steps.append)
    assert not any(model.fetched for model in again)
    assert [step.state for step in steps] == [InstallState.PRESENT] * len(again)
    assert [step.index for step in steps] == list(range(1, len(again) + 1))


def test_an_altered_model_is_never_loaded(installed_models, tmp_path):
    for model in installed_models:
        shutil.copy(model.path, tmp_path)
    victim = tmp_path / installed_models[0].path.name
    victim.write_bytes(victim.read_bytes()[:-1] + b"\x00\x01")
    with pytest.raises(ModelError) as caught:
        models.load(installed_models[0].name, tmp_path)
    assert caught.value.code == "models.hash_mismatch"


def test_a_missing_model_says_which_command_brings_it(tmp_path):
    with pytest.raises(ModelError) as caught:
        models.load("face_detector", tmp_path)
    assert caught.value.code == "models.not_installed"
    assert "gradphoto models install" in caught.value.remedy.en


def test_an_altered_model_is_fetched_again(installed_models, tmp_path):
    for model in installed_models:
        shutil.copy(model.path, tmp_path)
    smallest = min(installed_models, key=lambda model: model.size_bytes)
    (tmp_path / smallest.path.name).write_bytes(b"half a model")
    again = models.install(tmp_path)
    assert [model.name for model in again if model.fetched] == [smallest.name]
    assert models.load(smallest.name, tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_no_network_is_a_typed_refusal_that_keeps_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(ModelError) as caught:
        models.install(tmp_path)
    assert caught.value.code == "models.download_failed"
    assert not list(tmp_path.iterdir())


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv(models.MODELS.name, str(tmp_path))
    assert models.default_cache_dir() == tmp_path
    monkeypatch.delenv(models.MODELS.name)
    assert models.default_cache_dir().parts[-2:] == ("gradphoto", "models")


def test_the_runtime_greets_nobody_and_whatever_else_it_says_is_passed_on(capfd):
    with _unheard(_GREETING):
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nERROR: no memory\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "ERROR: no memory\nafter\n"


def test_two_first_graphs_at_once_leave_stderr_where_it_was(capfd):
    """Each would turn aside what the other turned aside; put back in turn, stderr would be a file that nobody reads."""
    inside, go = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    def turn(number):
        with _unheard(_GREETING):
            inside[number].set()
            go[number].wait(10)

    both = [threading.Thread(target=turn, args=(number,)) for number in range(2)]
    both[0].start()
    inside[0].wait(10)
    both[1].start()
    inside[1].wait(0.1)
    for number, one in enumerate(both):
        go[number].set()
        one.join()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
