"""What can be said of ears, brows, glasses, eyes and mouth, and where nothing can (``None``: the rule is not assessed)."""

from __future__ import annotations

from gradphoto.engine.portrait.rules.model import Seen

# Shares and lengths at which a heuristic is sure of the good case, and at which it is sure of hair over an ear.
CLEARLY_FREE, HALF_BARE, _EAR_SEEN, _ALL_HAIR = 0.9, 0.5, 0.06, 0.6
# How far lips stand apart in colour (a*) where they surely are lips.
_LIPS_SEEN, _LIPS_IN_PART = 5.0, 0.2
_WORN = 0.03
# Share of hair or cloth beside the cheek that hides an ear, and how much smaller an ear may be that lies flat beside nothing.
_HANGS_OVER, _LIES_FLAT = 0.3, 4.0


def parsed(seen: Seen, name: str) -> float | None:
    """A number of the face-parsing model; ``None`` without one."""
    value: float | None = None if seen.face.parsed is None else getattr(seen.face.parsed, name)
    return value


def ear(skin_run: float, hair: float) -> float | None:
    """Skin beside the cheek shows an ear, dark hair and no skin hide one; anything else is anybody's guess."""
    if skin_run >= _EAR_SEEN or hair >= _ALL_HAIR:
        return skin_run
    return None


def parsed_ear(seen: Seen, side: str) -> float | None:
    """Area of an ear. One that lies flat, or that a slight turn shows from its edge, is small and not hidden: where nothing hangs
    over its place only a quarter of the area is asked.
    """
    area, covered = parsed(seen, f"ear_{side}"), parsed(seen, f"ear_covered_{side}")
    if area is None or covered is None or covered > _HANGS_OVER:
        return area
    return area * _LIES_FLAT


# Share of surely dark hair above a brow from which it may be hidden, light between the cheeks (L*) and turn of the head (degrees) beyond which
# a shaded brow looks the same: of what was told without these on 1,090 pictures, half had hair there; of what is told with them, 40 of 46.
_HAIR_THERE, _EVEN_L, _FRONTAL_DEG = 0.3, 5.3, 9.0


def brow(seen: Seen, clear: float, hair: float) -> float | None:
    """Share of skin above a brow; ``None`` where neither skin nor dark hair is certain."""
    certain = (
        hair >= _HAIR_THERE and abs(seen.face.light_balance_l) <= _EVEN_L and abs(seen.face.yaw_deg) <= _FRONTAL_DEG
    )
    return clear if certain or clear >= CLEARLY_FREE else None


def no_glasses(seen: Seen) -> bool:
    """A model saw the face and no glasses on it: then there is no rim, no tint and no glare."""
    worn = parsed(seen, "glasses")
    return worn is not None and worn <= _WORN


# White beside an eye is glare on a lens where a rim crosses the nose (L* a pixel: nine wearers in ten, one bare nose in ten), and skin that
# shines in hard light elsewhere: of 60 people told without this, two wore glasses. So much of it (%) that something has to be said.
_RIM, _WHITE_PERCENT = 4.0, 2.0


def glare(seen: Seen) -> float | None:
    """Glare needs glasses: a model that saw none is believed; without one and without a rim nothing can be said of much white."""
    if no_glasses(seen):
        return 0.0
    look = seen.face.appearance
    white = look.glare * 100.0
    known = parsed(seen, "glasses") is not None or look.glasses_edge >= _RIM
    return white if known or white <= _WHITE_PERCENT else None


def mouth(seen: Seen) -> float | None:
    """A beard has lips in it, a mask has none. Without lips and without a cover (a hand, lips as dark as the skin) nothing can be
    said.
    """
    look = seen.face.appearance
    if look.lips_apart >= _LIPS_SEEN:
        return 0.0
    return look.mouth_covered * 100.0 if look.mouth_covered > HALF_BARE else None


def lips_hidden(seen: Seen) -> float | None:
    """A model may take lips under a moustache for hair; where they stand apart in colour they are there."""
    lips = parsed(seen, "lips_seen")
    if lips is None:
        return None
    there = lips >= _LIPS_IN_PART and seen.face.appearance.lips_apart >= _LIPS_SEEN
    return 0.0 if there else (1.0 - lips) * 100.0


def jewellery(seen: Seen) -> float | None:
    """Earrings; of a necklace only what the crop of the head still shows, and ten times as much of it."""
    earring, necklace = parsed(seen, "earring"), parsed(seen, "necklace")
    known = [value for value in (earring, None if necklace is None else necklace / 10.0) if value is not None]
    return max(known, default=None)


# Share of the face burnt out from which "not the colour of skin" says nothing: forehead and lids in hard sun are white.
_BURNT_OUT = 0.04


# Height over width of what is not skin between the lids (0.2 to 0.5 of open eyes): less is nothing of an eye, more is a cover from brow to
# cheek. Round eyes that are seen, shade, make-up and hats have other colours than the cheeks: 43 of 58 people told without asking this.
_NO_EYE, _NO_LIDS, _PERHAPS_COVERED = 0.3, 0.58, 30.0


def eyes_covered(seen: Seen) -> float | None:
    face = seen.face
    if face.clipped_share > _BURNT_OUT:
        return None
    covered = face.appearance.eyes_covered * 100.0
    heights = face.eye_visible_right, face.eye_visible_left
    hidden = max(heights) < _NO_EYE or min(heights) >= _NO_LIDS
    return covered if hidden or covered <= _PERHAPS_COVERED else None
