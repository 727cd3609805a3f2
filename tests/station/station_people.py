"""The made-up people that centre and station agree on, and small photographs of nobody."""

import io
from datetime import date

import numpy as np
from PIL import Image

from gradphoto.apps.capture.actions import CardFacts
from world import made_up_id_number


def card_of(place: int) -> CardFacts:
    """The card of the candidate that ``world.add_candidate`` makes for this place."""
    male = place % 2 == 1
    name = f"测试{'甲乙丙丁戊己庚辛壬癸'[place % 10]}"
    born = date(2004, 3, 5)
    return CardFacts(name, "male" if male else "female", born, made_up_id_number(place, born, male=male))


def jpeg(salt: int) -> bytes:
    """A small JPEG, another one for each ``salt``."""
    noise = np.random.default_rng(salt).integers(0, 255, (48, 36, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=80)
    return out.getvalue()
