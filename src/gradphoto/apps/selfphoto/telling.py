"""What a person is told of a try: one object for the page and for the script, in the language of the page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.core.wording import say
from gradphoto.apps.selfphoto.judging import SCREEN_OR_PRINT
from gradphoto.apps.selfphoto.models import PortraitTry, SelfPortrait
from gradphoto.apps.selfphoto.plain_words import in_plain_words
from gradphoto.apps.selfphoto.terms import Terms
from gradphoto.engine.portrait.places import group_of, marks_of, scaled
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.wording import Wording

_NO_PORTRAIT = ("portrait.face_count", "portrait.enlarged", "portrait.resolution", "portrait.head_cut_off")
"""What makes it impossible to cut a portrait from a photograph, whoever would allow it."""
_OWN = {SCREEN_OR_PRINT: Wording("疑似翻拍", "Perhaps a photograph of a picture")}
_GOOD: tuple[tuple[str, tuple[str, ...], Wording], ...] = (
    ("face", ("face_count",), Wording("画面里只有本人", "You are alone in the picture")),
    ("framing", ("head_cut_off", "hair_top", "eye_line", "face_width", "centre"), Wording("头部大小和位置合适", "Head of the right size and place")),
    ("eyes", ("eye_right_open", "eye_left_open", "eye_right_visible", "eye_left_visible"), Wording("双眼睁开、清楚", "Both eyes open and clear")),
    ("gaze", ("gaze_side", "gaze_down"), Wording("目视镜头", "Looking into the camera")),
    ("pose", ("head_roll", "head_yaw", "head_pitch"), Wording("头部端正", "Head straight")),
    ("shoulders", ("shoulders_level",), Wording("双肩平", "Shoulders level")),
    ("mouth", ("mouth_closed",), Wording("嘴自然闭合", "Mouth closed")),
    ("sharp", ("sharpness", "motion_blur"), Wording("清晰不抖", "Sharp, no shake")),
    ("light", ("too_dark", "too_bright", "highlights", "light_balance", "flat_light"), Wording("光线合适、均匀", "Light right and even")),
    ("colour", ("cast_cold", "cast_warm", "cast_green", "cast_red"), Wording("颜色正常", "Colours right")),
    ("backdrop", ("backdrop_colour", "backdrop_even", "backdrop_gradient", "backdrop_shadow"), Wording("背景干净", "Clean backdrop")),
    ("ears", ("ear_right", "ear_left"), Wording("双耳露出", "Both ears seen")),
    ("brows", ("brow_right", "brow_left"), Wording("双眉露出", "Both brows seen")),
    ("clothes", ("clothes_like_backdrop", "clothes_pattern"), Wording("服装与背景分明", "Clothes unlike the backdrop")),
    ("size", ("resolution", "enlarged"), Wording("像素足够", "Enough pixels")),
)  # fmt: skip
"""What is right already, in a few sentences: each is said only where every one of its rules was read and kept."""
_SUMMARY = {
    Outcome.PASS: Wording("符合要求，可以提交。", "It meets the rules: hand it in."),
    Outcome.REVIEW: Wording(
        "可以提交，有几处请看一眼；改好更稳妥。", "It can be handed in; some things are worth a look."
    ),
    Outcome.FAIL: Wording(
        "还不合格：按下面的顺序改好，再拍一张。", "Not yet: mend this in the order below and try again."
    ),
}


def best_of(portrait: SelfPortrait) -> PortraitTry | None:
    """The best try whose picture is still there: the mildest verdict, the newer of two alike."""
    there = portrait.tries.exclude(blob=None).filter(rejected_at=None)
    return there.order_by("severity", "-number").first()


def why_not_submit(tried: PortraitTry) -> Wording | None:
    """Why a try cannot be handed in at all; None where it can, with an explanation where it fails."""
    if tried.blob_id is None:
        return Wording("这张照片已按规定删除。", "This photograph was deleted by the rule of retention.")
    if tried.rejected_at is not None:
        return Wording(
            "这张照片已被退回，不能再次提交。", "This photograph was returned and cannot be handed in again."
        )
    codes = {one["code"] for one in tried.findings if one["outcome"] == Outcome.FAIL}
    stopping = next((code for code in _NO_PORTRAIT if code in codes), None)
    if tried.crop is None or stopping:
        name = title(stopping or _NO_PORTRAIT[0])
        return Wording(
            f"无法裁出证件照（{name.zh}），请重拍。", f"No portrait can be cut from it ({name.en}): try again."
        )
    return None


def needs_explanation(tried: PortraitTry) -> bool:
    """Whether the person must say why a photograph that fails a rule is handed in all the same."""
    return tried.outcome == Outcome.FAIL


def verdict_of(tried: PortraitTry, terms: Terms, *, can_try: bool, can_submit: bool) -> dict[str, Any]:
    """The verdict as the contract of the page has it; positions are pixels of the shown copy."""
    used, most = tried.portrait.tries.count(), terms.tries + tried.portrait.more_tries
    best, refused = best_of(tried.portrait), why_not_submit(tried)
    factor = tried.copy_width / max(1, int(tried.facts.get("width_px") or tried.copy_width))
    page = reverse("myphoto:try", args=[tried.pk])
    return {
        "try": str(tried.pk),
        "number": tried.number,
        "url": page,
        "state": state_of(tried),
        "outcome": tried.outcome,
        "made_at": timezone.localtime(tried.made_at).isoformat(timespec="seconds"),
        "source": tried.source,
        "summary": say(_SUMMARY[Outcome(tried.outcome)]),
        "picture": picture_of(tried),
        "crop": _crop(tried, factor),
        "findings": [_finding(one, explained, tried, factor) for one, explained in to_mend(tried.findings)],
        "good": good_of(tried),
        "not_assessed": [
            {"code": one["code"], "title": say(title(one["code"])), "sentence": _said(one.get("sentence"))}
            for one in tried.not_assessed
        ],
        "tries": {"used": used, "most": most, "left": max(0, most - used)},
        "best": str(best.pk) if best else None,
        "is_best": best is not None and best.pk == tried.pk,
        "may_try": can_try,
        "may_submit": can_submit and refused is None,
        "needs_explanation": needs_explanation(tried),
        "submit_url": reverse("myphoto:submit", args=[tried.pk]),
        "why_not": say(refused) if refused else "",
    }


def good_of(tried: PortraitTry) -> list[dict[str, str]]:
    """What is right already, as a person would say it."""
    kept = {code.rpartition(".")[2] for code in tried.kept}
    return [{"code": code, "title": say(words)} for code, rules, words in _GOOD if kept.issuperset(rules)]


def state_of(tried: PortraitTry) -> str:
    """``tried``, ``submitted`` or ``rejected``: what became of this one."""
    if tried.rejected_at is not None:
        return "rejected"
    return "submitted" if tried.submitted_at is not None else "tried"


def picture_of(tried: PortraitTry) -> dict[str, Any]:
    """Addresses and size of the copy; the portrait's only where one can be cut."""
    there = tried.copy_id is not None
    return {
        "url": reverse("myphoto:picture", args=[tried.pk]) if there else None,
        "width": tried.copy_width,
        "height": tried.copy_height,
        "portrait_url": reverse("myphoto:portrait", args=[tried.pk]) if there and tried.crop else None,
    }


def title(code: str) -> Wording:
    """The short name of a rule as the person is told it, or of a hint of our own."""
    plain = in_plain_words(code)
    return _OWN.get(code) or (plain.title if plain else title_of(code))


def crew_title(code: str) -> Wording:
    """The same for who reviews: the name that every other page of the crew's uses."""
    return _OWN.get(code) or title_of(code)


def to_mend(findings: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """What has to be mended, in the order given, each with the findings that it explains (``engine/portrait/causes.py``)."""
    told = {one["code"] for one in findings if not one.get("explained_by")}
    return [
        (cause, [one for one in findings if one.get("explained_by") == cause["code"]])
        for cause in findings
        if cause["code"] in told or cause.get("explained_by") not in told
    ]


def _finding(one: dict[str, Any], explained: list[dict[str, Any]], tried: PortraitTry, factor: float) -> dict[str, Any]:
    """One thing to mend in plain words. ``measured``: what the crew reads, for who wants to know."""
    unit, codes = one.get("unit", ""), [one["code"], *(other["code"] for other in explained)]
    plain = in_plain_words(one["code"], codes[1:])
    marks: list[dict[str, Any]] = []
    for code in codes:
        drawn = [scaled(mark, factor) for mark in marks_of(code, tried.measurements, tried.crop)]
        marks += [mark for mark in drawn if mark not in marks]
    return {
        "code": one["code"],
        "outcome": one["outcome"],
        "title": say(plain.title if plain else title(one["code"])),
        "sentence": say(plain.sentence) if plain else _said(one.get("sentence")),
        "advice": _said(one.get("advice")) if plain is None or one.get("is_replaced") else say(plain.advice),
        "measured": _said(one.get("sentence")),
        "explains": [
            {"code": other["code"], "title": say(title(other["code"]))}
            for other in explained
            if not (plain and plain.title != title(one["code"]) and _other_side(other["code"]) == one["code"])
        ],
        "value": f"{one.get('value', 0):g} {unit}".strip(),
        "limit": f"{one.get('limit', 0):g} {unit}".strip(),
        "group": group_of(one["code"]),
        "marks": marks,
    }


def _other_side(code: str) -> str:
    """The code of the same rule on the person's right."""
    return code.replace("_left", "_right")


def _crop(tried: PortraitTry, factor: float) -> dict[str, float] | None:
    if tried.crop is None:
        return None
    return {name: round(tried.crop[name] * factor, 1) for name in ("x", "y", "width", "height")}


def _said(pair: dict[str, str] | None) -> str:
    return say(Wording((pair or {}).get("zh", ""), (pair or {}).get("en", "")))
