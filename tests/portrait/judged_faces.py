"""A good photograph's measures with some of them changed, and what is judged of it."""

from __future__ import annotations

import dataclasses

from gradphoto.engine.portrait.judge import judge

GROUPS = ("appearance", "texture", "backdrop", "parsed")


def good_measures(pipeline, studio_jpeg, mb2017):
    """Real measurements with every tunable number put where nothing is to be said."""
    measured = pipeline.assess(studio_jpeg, mb2017).measurements
    face = changed(
        measured.face, roll_deg=0.0, yaw_deg=0.0, pitch_deg=0.0, eye_open_left=0.95, eye_open_right=0.95, eye_visible_left=0.4, eye_visible_right=0.4, mouth_open=0.0,
        gaze_side=0.0, gaze_down=0.0, inter_eye_px=200.0, sharpness=40.0, brightness_l=70.0, contrast_l=45.0,
        highlight_share=0.0, light_balance_l=0.0, skin_hue_deg=55.0, skin_chroma=20.0, frame_margin_px=200.0,
        crushed_share=0.0, clipped_share=0.0, brightest_l=95.0, eye_white_l=60.0, eye_white_a=5.0, eye_white_b=3.0, neutral_share=0.0,
        rgb=mb2017.backdrops[0].rgb, spread_delta_e=2.0, gradient_delta_e=1.0, shadow_l=0.0, clothes_delta_e=60.0,
        clothes_pattern_l=1.0, shoulder_tilt_deg=0.0, noise=1.0, blur_direction=0.5, detail=1.0, blockiness=0.0,
        ear_right=0.15, ear_left=0.15, ear_hair_right=0.0, ear_hair_left=0.0, brow_clear_right=1.0, brow_clear_left=1.0, brow_hair_right=0.0, brow_hair_left=0.0, hair_to_face=0.3, crown_chroma=5.0,
        crown_l=20.0, glasses_edge=1.0, frame_to_eye=None, glare=0.0, eye_shade_l=0.0, red_eye=0.0, eyes_covered=0.0,
        mouth_covered=0.0, lips_apart=12.0, neck_skin=1.0, chest_skin=0.1,
    )  # fmt: skip
    return dataclasses.replace(measured, face=face, face_count=1, colour_spread=40.0, source_jpeg_quality=92)


def changed(face, **changes):
    """A copy of the face's measures; a name that stands in a group is changed there."""
    for group in GROUPS:
        part = getattr(face, group)
        if part is None:
            continue
        own = {name: changes.pop(name) for name in list(changes) if name in part.__dataclass_fields__}
        face = dataclasses.replace(face, **{group: dataclasses.replace(part, **own)})
    return dataclasses.replace(face, **changes)


def verdict_of(good, mb2017, **changes):
    return judge(dataclasses.replace(good, face=changed(good.face, **changes)), mb2017)


def broken(good, mb2017, **changes):
    verdict = verdict_of(good, mb2017, **changes)
    return {finding.code: finding.outcome for finding in verdict.findings}
