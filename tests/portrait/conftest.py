"""Real models, a real portrait (scikit-image's public-domain astronaut), and what can go wrong with it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import skimage.data
from judged_faces import good_measures
from PIL import Image

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.pipeline import Pipeline, process_pipeline
from gradphoto.engine.standards.profiles import PhotoProfile, load_profile


@pytest.fixture(scope="session")
def installed_models():
    """The models in the default cache; fetched once, reused offline afterwards."""
    return models.install()


@pytest.fixture(scope="session")
def pipeline(installed_models) -> Pipeline:
    return process_pipeline()


@pytest.fixture(scope="session")
def studio() -> np.ndarray:
    """The astronaut four times as large, with room above the hair and below: what a camera would have delivered."""
    picture = Image.fromarray(skimage.data.astronaut()).resize((2048, 2048), Image.Resampling.LANCZOS)
    return np.pad(np.asarray(picture), ((240, 0), (0, 0), (0, 0)), mode="edge")


@pytest.fixture(scope="session")
def studio_jpeg(studio) -> bytes:
    return as_jpeg(studio)


def as_jpeg(rgb: np.ndarray, quality: int = 92, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


@pytest.fixture(scope="session")
def mb2017() -> PhotoProfile:
    """480 x 640, 教毕指〔2017〕99号."""
    return load_profile("mb2017_99")


@pytest.fixture(scope="session")
def legacy() -> PhotoProfile:
    """144 wide x 192 high, R116 and R117."""
    return load_profile("legacy_2009")


@pytest.fixture(scope="session")
def print_profile() -> PhotoProfile:
    """48 x 33 mm at 300 dpi, R117."""
    return load_profile("print_48x33")


@pytest.fixture(scope="session")
def good(pipeline, studio_jpeg, mb2017):
    return good_measures(pipeline, studio_jpeg, mb2017)
