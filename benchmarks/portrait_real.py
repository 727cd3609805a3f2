"""The portrait's rules on real people: how often a good picture is bothered, and what of the planted defects is found.

    python -m benchmarks.portrait_real [--folder DIR]... [--every 6] [--models DIR] [--write docs/portrait-quality.md]

Without a folder only the pictures that packages carry are used (``real_pictures``). Each head is put before four backdrops by the
project's own matte; every ``--every``-th head gets the planted defects (``real_defects``). ``--models`` names a folder with a
face-parsing model beside the others. A few minutes of one core for 150 heads.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.real_defects import REAL_DEFECTS
from benchmarks.real_pictures import RealPicture, real_pictures
from gradphoto.demo.planted_scene import Rgb, Scene, as_jpeg
from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.matte import replace_background
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.tone import to_lab
from gradphoto.engine.standards.profiles import Backdrop, PhotoProfile, load_profile

BACKDROPS = {
    "light blue": (100, 197, 255), "school blue": (0, 163, 230), "white": (255, 255, 255), "light grey": (240, 240, 240),
}  # fmt: skip
# Where the tables stand in the page: without and with a face-parsing model.
_PLACES = {False: "real", True: "real with a model"}
# Wishes on the framing depend on how a picture was cut before it came here, not on the sitter.
_FRAMING = frozenset(
    f"portrait.{name}"
    for name in ("hair_top", "eye_line", "face_width", "head_room", "chin", "side", "centre", "enlarged", "head_cut_off",
                 "resolution", "source_quality", "clothes_like_backdrop")
)  # fmt: skip
_ABOUT = {"portrait.ear_right": "ear_right", "portrait.ear_left": "ear_left", "portrait.brow_right": "brow_right",
          "portrait.brow_left": "brow_left"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """A real head before one even backdrop, and the group it belongs to."""

    picture: RealPicture
    scene: Scene
    tone: str
    age: str


def heads(pipeline: Pipeline, folders: list[Path]) -> Iterator[tuple[RealPicture, Rgb, np.ndarray, np.ndarray]]:
    """Pictures with exactly one face that the matte can lift off its wall."""
    for picture in real_pictures(folders):
        try:
            traced = pipeline.trace(picture.data)
        except PhotoError:
            continue
        yield picture, traced.rgb, traced.points, traced.person


def before(rgb: Rgb, points: np.ndarray, person: np.ndarray, colour: tuple[int, int, int]) -> Scene | None:
    """The head before ``colour``, with room above and beside it; ``None`` where the matte refuses."""
    wall = np.median(rgb[person < 0.05], axis=0)
    hint = (int(wall[0]), int(wall[1]), int(wall[2]))
    chin = float(points[mark.CHIN][1])
    made = replace_background(rgb, person.astype(np.float32), colour, backdrop_hint=hint, chin_y_px=chin)
    if made.refusal is not None:
        return None
    eyes = float(np.linalg.norm(points[33] - points[263]))
    above, beside = max(0, round(2.2 * eyes - points[10][1])), round(0.8 * eyes)
    wide = cv2.copyMakeBorder(made.rgb, above, 0, beside, beside, cv2.BORDER_CONSTANT, value=colour)
    mask = cv2.copyMakeBorder(made.alpha, above, 0, beside, beside, cv2.BORDER_CONSTANT, value=0)
    return Scene(np.asarray(wide, np.uint8), points + np.array([beside, above]), np.asarray(mask, np.float32))


def tone_of(scene: Scene) -> str:
    """The cheeks' individual typology angle (Chardon 1991): atan((L* - 50) / b*) in degrees, in four groups."""
    lab = to_lab(np.uint8([[scene.skin]]))[0, 0]
    angle = math.degrees(math.atan2(float(lab[0]) - 50.0, max(float(lab[2]), 0.1)))
    return "light" if angle > 28 else "medium" if angle > 10 else "tan" if angle > -30 else "dark"


def age_of(picture: RealPicture) -> str:
    return (
        "not told"
        if picture.age is None
        else "to 24"
        if picture.age <= 24
        else "25 to 34"
        if picture.age <= 34
        else "35 on"
    )


def judged(pipeline: Pipeline, rgb: Rgb, colour: str, quality: int = 95) -> Assessment:
    return pipeline.assess(as_jpeg(rgb, quality), standard(colour))


def standard(colour: str) -> PhotoProfile:
    """教毕指〔2017〕99号 with exactly the backdrop that was put there."""
    profile = load_profile("mb2017_99")
    known = {backdrop.rgb: backdrop for backdrop in profile.backdrops}
    rgb = BACKDROPS[colour]
    chosen = known.get(rgb) or Backdrop("school", profile.title, rgb, 40)
    return replace(profile, backdrops=(chosen,))


def of_the_sitter(assessment: Assessment) -> set[str]:
    return {finding.code for finding in assessment.verdict.findings} - _FRAMING


class Tally:
    """Counts of one run; ``report`` prints them."""

    def __init__(self) -> None:
        self.clean: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.seen = 0
        self.asked: Counter[str] = Counter()
        self.groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.found: dict[str, list[bool]] = defaultdict(list)
        self.beside: Counter[str] = Counter()

    def good(self, picture: RealPicture, backdrop: str, tone: str, assessment: Assessment) -> None:
        codes = of_the_sitter(assessment)
        true = {code for code in codes if _ABOUT.get(code, "") in picture.truth}
        partly = {code for code in codes - true if "portrait.ear" in code and "ear_partly" in picture.truth}
        self.seen += 1
        self.right.update(true | partly)
        self.clean.update(codes - true - partly)
        self.unknown.update(one.code for one in assessment.verdict.not_assessed)
        self.asked.update(code for code, what in _ABOUT.items() if what in picture.truth)
        for group in (
            ("skin", tone),
            ("age", age_of(picture)),
            ("backdrop", backdrop),
            ("set", picture.name.split("/")[0]),
        ):
            self.groups[group].append(len(codes - true - partly))

    def planted(self, name: str, wanted: tuple[str, ...], assessment: Assessment, clean: set[str]) -> None:
        codes = {code.removeprefix("portrait.") for code in of_the_sitter(assessment)}
        fresh = codes - {code.removeprefix("portrait.") for code in clean}
        self.found[name].append(bool(codes & set(wanted)) if wanted else not fresh)
        if wanted:
            self.beside.update(fresh - set(wanted))

    def report(self, version: str, heads_seen: int) -> str:
        lines = [f"Pipeline {version}; {heads_seen} real heads, {self.seen} composites without a planted defect.", ""]
        lines += ["| group | composites | nothing said | one finding | more |", "|---|---|---|---|---|"]
        for (kind, name), counts in sorted(self.groups.items()):
            none, one = counts.count(0), counts.count(1)
            rest = len(counts) - none - one
            lines.append(f"| {kind}: {name} | {len(counts)} | {none} ({none / len(counts):.0%}) | {one} | {rest} |")
        lines += ["", "| rule | false alarms | rightly said | not assessed |", "|---|---|---|---|"]
        for code in sorted({*self.clean, *self.right, *self.unknown}):
            known = f"{self.right[code]} of {self.asked[code]}" if self.asked[code] else f"{self.right[code] or '—'}"
            lines.append(f"| {code.removeprefix('portrait.')} | {self.clean[code]} | {known} | {self.unknown[code]} |")
        lines += ["", "| planted on a real head | tried | found | by |", "|---|---|---|---|"]
        for name, hits in self.found.items():
            rules = REAL_DEFECTS[name][1]
            said = ", ".join(rules) if rules else "nothing new may be said"
            lines.append(f"| {name} | {len(hits)} | {sum(hits)} | {said} |")
        return "\n".join(lines)


def run(folders: list[Path], every: int, models_dir: Path | None, step: int = 1) -> str:
    """The tables for the packages' pictures and ``folders``: of every ``step``-th head, defects on every ``every``-th of them."""
    pipeline, tally = Pipeline(models_dir), Tally()
    done = 0
    for number, (picture, rgb, points, person) in enumerate(islice(heads(pipeline, folders), 0, None, step)):
        scenes = {name: before(rgb, points, person, colour) for name, colour in BACKDROPS.items()}
        if all(scene is None for scene in scenes.values()):
            continue
        done += 1
        clean: set[str] = set()
        for name, scene in scenes.items():
            if scene is not None:
                assessment = judged(pipeline, scene.rgb, name)
                tally.good(picture, name, tone_of(scene), assessment)
                clean = of_the_sitter(assessment) if name == "light blue" else clean
        scene = scenes["light blue"]
        if number % every == 0 and scene is not None:
            for title, (plant, wanted) in REAL_DEFECTS.items():
                spoilt = plant(scene, np.random.default_rng(number))
                tally.planted(title, wanted, judged(pipeline, spoilt, "light blue"), clean)
    return tally.report(pipeline.version, done)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    report = run(options.folder, options.every, options.models, options.step)
    print(report)
    if options.write:
        place = _PLACES["+" in report.split(";")[0]]
        begin, end = f"<!-- {place}: begin -->", f"<!-- {place}: end -->"
        text = options.write.read_text(encoding="utf-8")
        head, tail = text.split(begin)[0], text.split(end)[1]
        options.write.write_text(f"{head}{begin}\n{report}\n{end}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
