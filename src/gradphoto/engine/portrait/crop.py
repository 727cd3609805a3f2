"""Which rectangle of the source becomes the portrait.

A crop has two unknowns: ``u``, how many source pixels one output pixel covers, and ``y``, the source row of its top
edge (its aspect is the output's and its middle is the head's, so width and column follow). Every wish of a profile,
such as "the eyes are 200 to 300 px below the top edge", is a pair of half planes in (u, y). The solver cuts a polygon
with one half plane after the other, most important first. A wish that would leave nothing keeps the edge of the
polygon that comes nearest, so what cannot be met is missed by as little as possible and is told in pixels.
In what is left it takes the point nearest to the middle of all windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

from gradphoto.engine.portrait.measure import FaceMeasures
from gradphoto.engine.portrait.thresholds import threshold
from gradphoto.engine.standards.profiles import PhotoProfile

_SLACK = 1e-6
_SHORTAGE_FLOOR_PX = 0.05
_NEVER_ENLARGE = 1.0
_MARGIN_PX = 5.0
"""How far inside its windows a portrait is kept where it can be: two good measures of the top of voluminous hair differ by
as much (46 to 49 px where ours says 50).
"""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class WindowResult:
    """One wish and how the crop meets it, in output pixels; ``miss_px`` is negative below ``min_px``, 0 inside."""

    code: str
    value_px: float
    min_px: float | None
    max_px: float | None
    miss_px: float


@dataclass(frozen=True, slots=True)
class EdgeShortage:
    """An edge of the source that is too near: so many more source pixels would be needed to meet every window."""

    edge: str
    px: float


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the upright source (float pixels), inside it, with exactly the output's aspect.

    ``scale`` is output pixels per source pixel. ``shortages`` is empty when all ``windows`` are met.
    """

    x: float
    y: float
    width: float
    height: float
    scale: float
    output_width_px: int
    output_height_px: int
    windows: tuple[WindowResult, ...]
    shortages: tuple[EdgeShortage, ...]

    @property
    def missed(self) -> tuple[WindowResult, ...]:
        """The windows that cannot be met."""
        return tuple(window for window in self.windows if window.miss_px)

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Window:
    """``low <= (constant + slope * y) / u + offset <= high``, in output pixels."""

    code: str
    constant: float
    slope: float
    offset: float
    low: float | None
    high: float | None
    aim: bool = False

    def value(self, u: float, y: float) -> float:
        return (self.constant + self.slope * y) / u + self.offset

    def half_planes(self) -> list[tuple[float, float, float]]:
        """(a, b, c) of each ``a*u + b*y + c >= 0``."""
        planes = []
        if self.low is not None:
            planes.append((self.offset - self.low, self.slope, self.constant))
        if self.high is not None:
            planes.append((self.high - self.offset, -self.slope, -self.constant))
        return planes

    def result(self, u: float, y: float) -> WindowResult:
        value, miss = self.value(u, y), 0.0
        if self.low is not None and value < self.low - _SLACK * 100:
            miss = value - self.low
        elif self.high is not None and value > self.high + _SLACK * 100:
            miss = value - self.high
        return WindowResult(self.code, value, self.low, self.high, miss)


def solve_crop(face: FaceMeasures, profile: PhotoProfile, image_size_px: tuple[int, int]) -> Crop:
    """The best crop for ``profile`` out of an upright image of (width, height).

    The crop always stays inside the image and is only enlarged when the whole image is too small; which windows
    are then missed, by how much, and which edge is short, stands in the result.
    Source of the windows: 教毕指〔2017〕99号 (pixels) or R116 (fractions).
    """
    image_width, image_height = image_size_px
    bounds = _bounds(profile, image_size_px)
    scale = _Window("scale", 1.0, 0.0, 0.0, None, _NEVER_ENLARGE)
    windows = _windows(face, profile, image_width)
    u, y = _solve([*bounds, scale, *windows, *_kept_inside(windows)], profile, image_size_px)
    width, height = min(profile.width_px * u, image_width), min(profile.height_px * u, image_height)
    x = min(max(face.centre_x_px - width / 2, 0.0), image_width - width)
    y = min(max(y, 0.0), image_height - height)
    centring = _Window("centre", face.centre_x_px - x, 0.0, -profile.width_px / 2, *_centre_window(profile))
    results = tuple(window.result(u, y) for window in [scale, *windows] if window.code != "side")
    results += (*_sides(face, profile, x, u), centring.result(u, y))
    shortages: tuple[EdgeShortage, ...] = ()
    if any(result.miss_px for result in results):
        shortages = _shortages(face, profile, image_size_px, [scale, *windows, *bounds])
    return Crop(x, y, width, height, 1.0 / u, profile.width_px, profile.height_px, results, shortages)


def crop_as_is(face: FaceMeasures, profile: PhotoProfile, image_size_px: tuple[int, int]) -> Crop:
    """The whole picture taken as the finished output: where the windows lie in it as it stands.

    For a file of another size than the profile's, lengths are told as they would be at the profile's width.
    """
    width, height = image_size_px
    u = width / profile.width_px
    scale = _Window("scale", 1.0, 0.0, 0.0, None, None)
    centring = _Window("centre", face.centre_x_px, 0.0, -profile.width_px / 2, *_centre_window(profile))
    windows = [scale, *_windows(face, profile, width)]
    results = tuple(window.result(u, 0.0) for window in windows if window.code not in ("side", "room_beside"))
    results += (*_sides(face, profile, 0.0, u), centring.result(u, 0.0))
    return Crop(0.0, 0.0, width, height, 1.0 / u, profile.width_px, profile.height_px, results, ())


def _bounds(profile: PhotoProfile, image_size_px: tuple[int, int]) -> list[_Window]:
    width, height = image_size_px
    return [
        _Window("width", width, 0.0, -profile.width_px, 0.0, None),
        _Window("top", 0.0, 1.0, 0.0, 0.0, None),
        _Window("bottom", height, -1.0, -profile.height_px, 0.0, None),
    ]


def _windows(face: FaceMeasures, profile: PhotoProfile, image_width: int) -> list[_Window]:
    """The profile's wishes, most important first."""
    windows = []
    if profile.face_width_min_px is not None or profile.face_width_max_px is not None:
        low, high = profile.face_width_min_px, profile.face_width_max_px
        windows.append(_Window("face_width", face.face_width_px, 0.0, 0.0, low, high, aim=True))
    if profile.hair_top_min_px is not None or profile.hair_top_max_px is not None:
        low, high = profile.hair_top_min_px, profile.hair_top_max_px
        windows.append(_Window("hair_top", face.hair_top_y_px, -1.0, 0.0, low, high, aim=True))
    if profile.eye_line_min_px is not None or profile.eye_line_max_px is not None:
        low, high = profile.eye_line_min_px, profile.eye_line_max_px
        windows.append(_Window("eye_line", face.eye_line_y_px, -1.0, 0.0, low, high, aim=True))
    tolerance = threshold(profile, "fraction_tolerance") * profile.height_px
    if profile.head_room_fraction is not None:
        room = profile.head_room_fraction * profile.height_px
        windows.append(
            _Window("head_room", face.hair_top_y_px, -1.0, 0.0, room - tolerance, room + tolerance, aim=True)
        )
    if profile.shoulder_fraction is not None:
        chin = (1.0 - profile.shoulder_fraction) * profile.height_px
        windows.append(_Window("chin", face.chin_y_px, -1.0, 0.0, chin - tolerance, chin + tolerance, aim=True))
    if profile.side_fraction is not None:
        blank, middle = profile.side_fraction * profile.width_px, profile.width_px / 2
        windows.append(_Window("side", face.head_left_x_px - face.centre_x_px, 0.0, middle, blank, None))
        windows.append(_Window("side", face.centre_x_px - face.head_right_x_px, 0.0, middle, blank, None))
    # The head can stay in the middle as long as the nearer side of the image allows half a crop's width.
    nearer = min(face.centre_x_px, image_width - face.centre_x_px)
    windows.append(_Window("room_beside", nearer, 0.0, -profile.width_px / 2, _centre_window(profile)[0], None))
    return windows


def _kept_inside(windows: Sequence[_Window]) -> list[_Window]:
    """The same wishes a little narrower, after all others: a portrait should not rest on a limit that another measure of
    the same hair puts a few pixels elsewhere.
    """
    inside = []
    for window in windows:
        low, high = window.low, window.high
        if window.aim and low is not None and high is not None and high - low > 4 * _MARGIN_PX:
            inside.append(replace(window, low=low + _MARGIN_PX, high=high - _MARGIN_PX, aim=False))
    return inside


def _centre_window(profile: PhotoProfile) -> tuple[float, float]:
    tolerance = threshold(profile, "centre_tolerance") * profile.width_px
    return -tolerance, tolerance


def _sides(face: FaceMeasures, profile: PhotoProfile, x: float, u: float) -> tuple[WindowResult, ...]:
    if profile.side_fraction is None:
        return ()
    blank = profile.side_fraction * profile.width_px
    left, right = face.head_left_x_px - x, x + profile.width_px * u - face.head_right_x_px
    return (_Window("side", min(left, right), 0.0, 0.0, blank, None).result(u, 0.0),)


def _shortages(
    face: FaceMeasures, profile: PhotoProfile, image_size_px: tuple[int, int], ordered: Sequence[_Window]
) -> tuple[EdgeShortage, ...]:
    """How far a crop that puts the windows before the image's edges would reach beyond them."""
    u, y = _solve(ordered, profile, image_size_px)
    width, height = image_size_px
    half = profile.width_px * u / 2
    beyond = {
        "top": -y,
        "bottom": y + profile.height_px * u - height,
        "left": half - face.centre_x_px,
        "right": face.centre_x_px + half - width,
    }
    return tuple(EdgeShortage(edge, px) for edge, px in beyond.items() if px > _SHORTAGE_FLOOR_PX)


def _solve(ordered: Sequence[_Window], profile: PhotoProfile, image_size_px: tuple[int, int]) -> Point:
    """(u, y) of the best crop; ``ordered`` is from the most to the least important."""
    width, height = image_size_px
    largest_u = 4.0 * max(width / profile.width_px, height / profile.height_px)
    smallest_u = min(1e-3, largest_u / 1e3)
    polygon: list[Point] = [
        (smallest_u, -3.0 * height), (largest_u, -3.0 * height),
        (largest_u, 3.0 * height), (smallest_u, 3.0 * height),
    ]  # fmt: skip
    for window in ordered:
        for plane in window.half_planes():
            polygon = _cut(polygon, plane)
    return _nearest_to_aims(polygon, [window for window in ordered if window.aim])


def _cut(polygon: list[Point], plane: tuple[float, float, float]) -> list[Point]:
    """The part of a convex polygon where the plane is not negative, or its nearest edge when there is none."""
    a, b, c = plane
    heights = [a * u + b * y + c for u, y in polygon]
    tolerance = _SLACK * max(1.0, abs(c))
    best = max(heights)
    if best < tolerance:
        return [point for point, height in zip(polygon, heights, strict=True) if height >= best - tolerance]
    kept: list[Point] = []
    corners = [*zip(polygon, heights, strict=True)]
    for (point, height), (following, next_height) in pairwise([*corners, corners[0]]):
        if height >= 0.0:
            kept.append(point)
        if (height >= 0.0) != (next_height >= 0.0):
            share = height / (height - next_height)
            kept.append((point[0] + share * (following[0] - point[0]), point[1] + share * (following[1] - point[1])))
    return kept


def _nearest_to_aims(polygon: list[Point], aims: Sequence[_Window]) -> Point:
    """The polygon's point with the least sum of squared distances from the middles of the aimed-at windows."""
    # Each aim is one equation across * u + down * y = goal; their squares add up to the sums of the normal equations.
    rows = []
    for aim in aims:
        low = aim.low if aim.low is not None else aim.high
        high = aim.high if aim.high is not None else aim.low
        if low is None or high is None:
            continue
        weight = 1.0 / max((high - low) / 2.0, 1.0)
        rows.append((weight * (aim.offset - (low + high) / 2.0), weight * aim.slope, -weight * aim.constant))

    def cost(point: Point) -> float:
        return sum((across * point[0] + down * point[1] - goal) ** 2 for across, down, goal in rows)

    candidates = list(polygon)
    for (start_u, start_y), (end_u, end_y) in pairwise([*polygon, polygon[0]]):
        run_u, run_y = end_u - start_u, end_y - start_y
        along = [(a * run_u + b * run_y, goal - a * start_u - b * start_y) for a, b, goal in rows]
        length = sum(step * step for step, _ in along)
        if length > 0.0:
            share = min(max(sum(step * left for step, left in along) / length, 0.0), 1.0)
            candidates.append((start_u + share * run_u, start_y + share * run_y))
    free = _least_squares(rows)
    if free is not None and _inside(free, polygon):
        candidates.append(free)
    return min(candidates, key=cost)


def _least_squares(rows: Sequence[tuple[float, float, float]]) -> Point | None:
    """(u, y) that meets all rows best; ``None`` where they leave a direction open: a corner or an edge is as good then."""
    aa, ab, bb = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    ag, bg = (sum(row[i] * row[2] for row in rows) for i in (0, 1))
    determinant = aa * bb - ab * ab
    if determinant <= 1e-12 * aa * bb:
        return None
    return (ag * bb - bg * ab) / determinant, (bg * aa - ag * ab) / determinant


def _inside(point: Point, polygon: list[Point]) -> bool:
    """Whether a point lies in a convex polygon with an area, whichever way round its corners run."""
    sides = [
        (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
        for start, end in pairwise([*polygon, polygon[0]])
    ]
    return len(polygon) > 2 and any(sides) and (min(sides) >= 0.0 or max(sides) <= 0.0)
