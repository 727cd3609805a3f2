"""Finding faces: the network written anew answers as OpenCV's own reading of the same file does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.detect import FaceDetector, scout
from gradphoto.engine.portrait.yunet import YuNet


@pytest.fixture(scope="module")
def network(installed_models) -> YuNet:
    return YuNet(models.load("face_detector"))


@pytest.fixture(scope="module")
def peer(installed_models):
    model = np.frombuffer(models.load("face_detector"), np.uint8)
    return cv2.FaceDetectorYN.create("onnx", model, np.empty(0, np.uint8), (320, 320), 0.6, 0.3)


def found_by(peer, rgb: np.ndarray) -> np.ndarray:
    peer.setInputSize(rgb.shape[1::-1])
    rows = peer.detect(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1]
    return np.zeros((0, 15), np.float32) if rows is None else rows


@pytest.mark.parametrize("crowd", [(1, 1), (1, 3), (3, 2), (7, 5)])
def test_the_same_faces_in_the_same_places(network, peer, studio, crowd):
    one = np.ascontiguousarray(studio[:1400, 300:1500])
    rgb = scout(np.tile(one, (*crowd, 1)))
    wanted = found_by(peer, rgb)
    assert len(wanted) == crowd[0] * crowd[1]
    assert np.abs(network.find(rgb, 0.6, 0.3) - wanted).max() < 0.01


@pytest.mark.parametrize("size", [(33, 480), (480, 37), (301, 411)])
def test_any_shape_of_picture(network, peer, studio, size):
    rgb = cv2.resize(np.ascontiguousarray(studio[:1400, 300:1500]), size, interpolation=cv2.INTER_AREA)
    wanted = found_by(peer, rgb)
    found = network.find(rgb, 0.6, 0.3)
    assert found.shape == wanted.shape
    assert not len(found) or np.abs(found - wanted).max() < 0.01


def test_a_wall_has_no_face(installed_models):
    wall = np.full((900, 600, 3), 200, np.uint8)
    assert FaceDetector(models.load("face_detector")).find(wall) == ()
