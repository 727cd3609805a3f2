"""A face-parsing model as an operator's option: read without PyTorch, described by a manifest, run, and heard by the rules.

The weights of the known model are nobody's to put into a repository: these tests make small networks of their own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
import shutil
import struct
import tomllib
from collections import OrderedDict

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gradphoto.cli.models import models_install
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.errors import ModelError
from gradphoto.engine.portrait.parsing import install
from gradphoto.engine.portrait.parsing.bisenet import as_onnx
from gradphoto.engine.portrait.parsing.manifest import MANIFEST_NAME, load_model, manifest_of
from gradphoto.engine.portrait.parsing.network import FaceParser
from gradphoto.engine.portrait.parsing.onnx_file import OnnxGraph
from gradphoto.engine.portrait.parsing.regions import read_regions
from gradphoto.engine.portrait.parsing.torch_file import read_tensors
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION, Pipeline

pytestmark = pytest.mark.engine
SIDE = 96
CLASSES = {"skin": [1], "ear": [2], "hair": [3], "lip": [4], "hat": [5], "earring": [6]}


def refused(call, *arguments):
    with pytest.raises(ModelError) as caught:
        call(*arguments)
    assert caught.value.message.zh
    assert caught.value.remedy.en
    return caught.value.code


def by_colour(colours) -> bytes:
    """A network of one 1x1 convolution: each class answers to one colour (after the mean and std of ``plain``)."""
    colours = np.array(colours, np.float32) / 255.0
    weight = (2 * colours).reshape(len(colours), 3, 1, 1)
    bias = -(colours**2).sum(axis=1).astype(np.float32)
    graph = OnnxGraph("colours", (1, 3, SIDE, SIDE))
    out = graph.node("Conv", ["input", graph.constant(weight), graph.constant(bias)], kernel_shape=(1, 1))
    return graph.finish(out, (1, len(colours), SIDE, SIDE))


def plain(model: bytes, **changes) -> dict:
    return {
        "name": "ours", "file": "ours.onnx", "sha256": hashlib.sha256(model).hexdigest(), "licence": "made for this test",
        "input": {"side_px": SIDE, "mean": [0, 0, 0], "std": [1, 1, 1]}, "crop": {"eyes": 2.0, "mouth": 1.8, "down": 0.1},
        "classes": CLASSES,
    } | changes  # fmt: skip


# Far from every colour but the second class's: whatever is seen is skin.
EVERYTHING_SKIN = by_colour([(9000, 9000, 9000), (128, 128, 128), *[(9000, 9000, 9000)] * 5])


def own_folder(folder, model=EVERYTHING_SKIN, **changes):
    """A manifest and its model as an operator would bring them."""
    folder.mkdir(exist_ok=True)
    (folder / "ours.onnx").write_bytes(model)
    manifest = plain(model, **changes)
    lines = [f'{name} = "{manifest[name]}"' for name in ("name", "file", "sha256", "licence")]
    for table in ("input", "crop", "classes"):
        lines += ["", f"[{table}]", *(f"{name} = {value}" for name, value in manifest[table].items())]
    path = folder / "model.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# --- the checkpoint's format -------------------------------------------------------------------------------------------------


class _Storage:
    def __init__(self, key, array):
        self.key, self.array = key, array


class FloatStorage:
    """Stands for torch.FloatStorage in a checkpoint."""


FloatStorage.__module__ = "torch"


def _rebuild_tensor_v2(*arguments):
    raise AssertionError


_rebuild_tensor_v2.__module__ = "torch._utils"


class _Pickler(pickle._Pickler):
    """Names what the checkpoint names, whether it can be imported here or not."""

    def persistent_id(self, value):
        if isinstance(value, _Storage):
            return ("storage", FloatStorage, value.key, "cpu", value.array.size, None)
        return None

    def save_global(self, obj, name=None):
        self.write(f"c{obj.__module__}\n{obj.__name__}\n".encode())
        self.memoize(obj)

    dispatch = {**pickle._Pickler.dispatch, type: save_global, type(lambda: 0): save_global}


class _Tensor:
    def __init__(self, storage, shape, strides):
        self.parts = storage, 0, shape, strides, False, OrderedDict()

    def __reduce__(self):
        return _rebuild_tensor_v2, self.parts


def checkpoint(tensors, body=None) -> bytes:
    out = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        out.write(pickle.dumps(value, 2))
    stored = {name: _Storage(str(number), array) for number, (name, array) in enumerate(tensors.items())}
    views = OrderedDict()
    for name, array in tensors.items():
        steps = tuple(step // array.itemsize for step in array.strides)
        views[name] = _Tensor(stored[name], array.shape, steps)
    if body is None:
        _Pickler(out, 2).dump(views)
    else:
        out.write(body)
    out.write(pickle.dumps([storage.key for storage in stored.values()], 2))
    for storage in stored.values():
        out.write(struct.pack("<q", storage.array.size) + storage.array.tobytes())
    return out.getvalue()


def test_the_tensors_of_an_old_checkpoint_are_read_without_pytorch():
    tensors = {"a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "b": np.array([1.5, -2], np.float32)}
    read = read_tensors(checkpoint(tensors))
    assert set(read) == set(tensors)
    for name, array in tensors.items():
        np.testing.assert_array_equal(read[name], array)


class _Evil:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no pickle at all",
        pickle.dumps(7),
        checkpoint({}, pickle.dumps(_Evil(), 2)),
        checkpoint({"a": np.ones(9, np.float32)})[:-8],
    ],
    ids=["empty", "text", "another number", "a call", "cut off"],
)
def test_a_checkpoint_that_is_none_is_refused_and_nothing_in_it_runs(data, capsys):
    assert refused(read_tensors, data) == "models.checkpoint"
    assert capsys.readouterr().out == ""


def thin_bisenet(width=4, classes=3):
    """The tensors of the known network with few channels: the graph's shape follows the weights."""
    rng = np.random.default_rng(1)
    tensors = {}

    def conv(name, out, into, side, norm=None):
        tensors[f"{name}.weight"] = rng.normal(0, 0.3, (out, into, side, side)).astype(np.float32)
        for part in ("weight", "bias", "running_mean", "running_var") if norm else ():
            tensors[f"{norm}.{part}"] = rng.uniform(0.5, 1.5, out).astype(np.float32)

    conv("cp.resnet.conv1", width, 3, 7, "cp.resnet.bn1")
    into = width
    for layer, out in ((1, width), (2, width), (3, 2 * width), (4, 4 * width)):
        for block in (0, 1):
            at = f"cp.resnet.layer{layer}.{block}"
            conv(f"{at}.conv1", out, into, 3, f"{at}.bn1")
            conv(f"{at}.conv2", out, out, 3, f"{at}.bn2")
            if block == 0 and layer > 1:
                conv(f"{at}.downsample.0", out, into, 1, f"{at}.downsample.1")
            into = out
    for name, deep in (("arm16", 2 * width), ("arm32", 4 * width)):
        conv(f"cp.{name}.conv.conv", width, deep, 3, f"cp.{name}.conv.bn")
        conv(f"cp.{name}.conv_atten", width, width, 1, f"cp.{name}.bn_atten")
    conv("cp.conv_avg.conv", width, 4 * width, 1, "cp.conv_avg.bn")
    for name in ("conv_head32", "conv_head16"):
        conv(f"cp.{name}.conv", width, width, 3, f"cp.{name}.bn")
    conv("ffm.convblk.conv", 2 * width, 2 * width, 1, "ffm.convblk.bn")
    conv("ffm.conv1", width, 2 * width, 1)
    conv("ffm.conv2", 2 * width, width, 1)
    conv("conv_out.conv.conv", width, 2 * width, 3, "conv_out.conv.bn")
    conv("conv_out.conv_out", classes, width, 1)
    return tensors


def test_the_known_networks_weights_become_a_graph_that_opencv_runs():
    model = as_onnx(thin_bisenet(), SIDE)
    assert model == as_onnx(thin_bisenet(), SIDE), "the same weights give the same file"
    manifest = manifest_of(plain(model, classes={"skin": [1], "hair": [2]}))
    FaceParser(manifest, model)
    with pytest.raises(ModelError) as caught:
        FaceParser(manifest_of(plain(model, classes={"skin": [1], "hair": [17]})), model)
    assert caught.value.code == "models.unusable"


def test_in_whole_numbers_it_says_nearly_the_same():
    whole = as_onnx(thin_bisenet(), SIDE)
    image = np.random.default_rng(3).normal(0, 1, (1, 3, SIDE, SIDE)).astype(np.float32)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(whole, np.uint8))
    net.setInput(image)
    wanted = net.forward()
    quick = as_onnx(thin_bisenet(), SIDE, {"input": (8 / 255, 128)})
    assert b"QuantizeLinear" in quick
    assert b"QuantizeLinear" not in whole
    net = cv2.dnn.readNetFromONNX(np.frombuffer(quick, np.uint8))
    net.setInput(image)
    found = net.forward()
    assert 0 < np.abs(found - wanted).mean() < 0.1 * np.abs(wanted).mean()
    known = install._known()
    names = {f"v{number}" for number in range(1, 84)} | {"input"}
    assert set(known["rounding"]) <= names
    assert all(step > 0 and 0 <= zero < 256 for step, zero in known["rounding"].values())


@pytest.mark.parametrize("there", [True, False])
def test_the_quick_form_is_taken_where_its_runtime_is(tmp_path, monkeypatch, there):
    path = own_folder(tmp_path / "own")
    quick = by_colour([(9000, 9000, 9000), (100, 100, 100), *[(9000, 9000, 9000)] * 5])
    (tmp_path / "own" / "quick.onnx").write_bytes(quick)
    named = f'\n[quick]\nfile = "quick.onnx"\nsha256 = "{hashlib.sha256(quick).hexdigest()}"\n'
    path.write_text(path.read_text(encoding="utf-8") + named, encoding="utf-8")
    install.install_own(tmp_path / "cache", path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if there else None)
    manifest, data = load_model(tmp_path / "cache")
    assert data == (quick if there else EVERYTHING_SKIN)
    assert manifest.sha256 == hashlib.sha256(data).hexdigest()
    assert install.remove(tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_weights_of_another_network_are_named(tmp_path):
    tensors = thin_bisenet()
    del tensors["ffm.conv1.weight"]
    assert refused(as_onnx, tensors, SIDE) == "models.checkpoint"


# --- the manifest and the installation ---------------------------------------------------------------------------------------


def test_an_operators_own_model_is_taken_with_its_manifest(tmp_path):
    path = own_folder(tmp_path / "own")
    installed = install.install_own(tmp_path / "cache", path)
    found = load_model(tmp_path / "cache")
    assert found is not None
    assert found[0] == installed.manifest
    assert found[1] == EVERYTHING_SKIN
    assert install.remove(tmp_path / "cache")
    assert load_model(tmp_path / "cache") is None
    assert not install.remove(tmp_path / "cache")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": "0" * 64}, "models.hash_mismatch"),
        ({"file": "elsewhere.onnx"}, "models.not_installed"),
        ({"file": "../ours.onnx"}, "models.manifest"),
        ({"classes": {"skin": [1]}}, "models.manifest"),
        ({"classes": CLASSES | {"moustache": [7]}}, "models.manifest"),
        ({"input": {"side_px": 9000, "mean": [0, 0, 0], "std": [1, 1, 1]}}, "models.manifest"),
        ({"input": {"side_px": SIDE, "mean": [0, 0], "std": [1, 1, 1]}}, "models.manifest"),
        ({"classes": CLASSES | {"hat": [40]}}, "models.unusable"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_and_nothing_is_installed(tmp_path, changes, code):
    path = own_folder(tmp_path / "own", **changes)
    assert refused(install.install_own, tmp_path / "cache", path) == code
    assert load_model(tmp_path / "cache") is None


def test_a_file_that_is_no_network_is_not_installed(tmp_path):
    path = own_folder(tmp_path / "own", b"no network")
    assert refused(install.install_own, tmp_path / "cache", path) == "models.unusable"
    assert not (tmp_path / "cache").exists()


def test_an_altered_model_stops_the_pipeline(tmp_path, installed_models):
    install.install_own(tmp_path, own_folder(tmp_path / "own"))
    (tmp_path / "ours.onnx").write_bytes(b"another")
    for model in installed_models:
        shutil.copy(model.path, tmp_path)
    assert refused(Pipeline, tmp_path) == "models.hash_mismatch"


def test_the_command_states_the_licence_and_asks(tmp_path, installed_models, monkeypatch):
    for model in installed_models:
        shutil.copy(model.path, tmp_path)
    monkeypatch.setenv(models.MODELS.name, str(tmp_path))
    said = CliRunner().invoke(models_install, ["--face-parsing"], input="n\n")
    assert said.exit_code == 1
    for fact in ("CelebAMask-HQ", "non-commercial", "没有定论", "#47"):
        assert fact in said.output
    assert not (tmp_path / MANIFEST_NAME).exists()
    own = own_folder(tmp_path / "own")
    said = CliRunner().invoke(models_install, ["--manifest", str(own)], input="y\n")
    assert said.exit_code == 0, said.output
    assert "made for this test" in said.output
    assert tomllib.loads((tmp_path / MANIFEST_NAME).read_text(encoding="utf-8"))["name"] == "ours"


def test_without_the_option_no_parser_is_ever_installed(installed_models):
    assert {model.name for model in models.manifest()} == {
        "face_detector", "face_landmarker", "person_segmentation", "face_recognition",
    }  # fmt: skip


def test_another_archive_than_the_pinned_one_is_refused(tmp_path):
    (tmp_path / "other.pth").write_bytes(checkpoint({"a": np.ones(3, np.float32)}))
    assert refused(install.install_known, tmp_path / "cache", tmp_path / "other.pth") == "models.hash_mismatch"
    assert not (tmp_path / "cache").exists()


# --- what the rules hear -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_parser(installed_models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for model in installed_models:
        shutil.copy(model.path, folder)
    install.install_own(folder, own_folder(folder / "own"))
    return Pipeline(folder)


def test_the_rules_read_the_model_and_the_verdict_names_it(with_parser, pipeline, studio_jpeg, mb2017):
    plain_one, parsed = pipeline.make(studio_jpeg, [mb2017]), with_parser.make(studio_jpeg, [mb2017])
    assert plain_one.assessment.pipeline_version == PIPELINE_VERSION
    assert parsed.assessment.pipeline_version.startswith(f"{PIPELINE_VERSION}+ours@")
    assert len(parsed.assessment.pipeline_version) <= 40
    # This model sees skin everywhere: no ears, no lips, no hat.
    found = {finding.code for finding in parsed.assessment.verdict.findings}
    assert {"portrait.ear_right", "portrait.ear_left", "portrait.mouth_covered"} <= found
    assert "portrait.head_covering" in parsed.assessment.verdict.kept
    assert parsed.assessment.measurements.to_json()["parsed_hat"] == 0.0
    assert "parsed_hat" not in plain_one.assessment.measurements.to_json()


def test_the_portraits_bytes_do_not_depend_on_the_model(with_parser, pipeline, studio_jpeg, mb2017):
    one, other = (made.make(studio_jpeg, [mb2017], render_failed=True).portraits[0] for made in (pipeline, with_parser))
    assert one.data == other.data
    assert one.provenance == other.provenance


@pytest.fixture(scope="module")
def head(with_parser, pipeline, studio):
    """A labelled head whose labels a test may draw."""
    faces = pipeline._detector.find(studio)
    mesh = pipeline._landmarker.trace(studio, faces[0])
    parsed = with_parser._parser.parse(studio, mesh)
    return dataclasses.replace(parsed, labels=np.ones_like(parsed.labels))


def drawn(head, label, left, top, right, bottom):
    """``head`` with a rectangle of one class, in eye distances from the bridge of the nose."""
    labels = head.labels.copy()
    x, y = head.points[168]
    columns = slice(round(x + left * head.eyes_px), round(x + right * head.eyes_px))
    labels[round(y + top * head.eyes_px) : round(y + bottom * head.eyes_px), columns] = label
    return read_regions(dataclasses.replace(head, labels=labels))


def test_areas_are_told_by_side_and_in_eye_distances(head):
    seen = drawn(head, 2, -1.3, 0.2, -0.9, 0.7)
    assert seen.ear_right == pytest.approx(0.2, abs=0.04)
    assert seen.ear_left == 0.0
    assert seen.glasses is None, "this model has no such class"


def test_hair_over_a_brow_is_that_brows_alone(head):
    seen = drawn(head, 3, -0.9, -0.9, 0.0, -0.15)
    assert seen.brow_hair_right > 0.6
    assert seen.brow_hair_left < 0.1


def test_a_hat_counts_only_where_it_is_joined_to_the_head(head):
    labels = np.zeros_like(head.labels)
    middle = head.labels.shape[0] // 2
    labels[middle - 10 : middle + 20, middle - 10 : middle + 10] = 1
    labels[:6, :6] = 5
    apart = read_regions(dataclasses.replace(head, labels=labels)).hat
    labels[middle - 30 : middle - 10, middle - 10 : middle + 10] = 5
    joined = read_regions(dataclasses.replace(head, labels=labels)).hat
    assert apart == 0.0
    assert joined == pytest.approx(400 / head.eyes_px**2)
