"""What the rules catch: planted defects and good pictures through the whole engine, told per rule.

``python -m benchmarks.portrait_quality [--write docs/portrait-quality.md]``
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from gradphoto.demo.planted import DEFECTS
from gradphoto.demo.planted_scene import Scene, as_jpeg, mild_variants
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION, Pipeline
from gradphoto.engine.portrait.rules import FACE_COUNT, RULES
from gradphoto.engine.portrait.window_rules import WINDOW_RULES
from gradphoto.engine.standards.profiles import load_profile

PROFILE = "mb2017_99"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"


def scene_of(pipeline: Pipeline, data: bytes) -> Scene:
    """A sitter's picture with its landmarks and mask at full size."""
    traced = pipeline.trace(data)
    return Scene(traced.rgb, traced.points, traced.person)


def codes_of(pipeline: Pipeline, data: bytes) -> frozenset[str]:
    """Every rule that did not pass."""
    return frozenset(finding.code for finding in pipeline.assess(data, load_profile(PROFILE)).verdict.findings)


def evaluate_sitter(name: str) -> Iterator[tuple[str, str, tuple[str, ...], frozenset[str]]]:
    """(kind, defect or variant, codes expected, codes found) of one sitter."""
    pipeline = Pipeline()
    scene = scene_of(pipeline, picture(name))
    for variant, data in mild_variants(scene).items():
        yield "good", variant, (), codes_of(pipeline, data)
    rng = np.random.default_rng(int(name.removesuffix(".jpg").rpartition("_")[2]))
    for defect in DEFECTS:
        found = codes_of(pipeline, as_jpeg(defect.plant(scene, rng), defect.quality))
        yield "defect", defect.name, defect.codes, found


def _listed(name: str) -> list[tuple[str, str, tuple[str, ...], frozenset[str]]]:
    return list(evaluate_sitter(name))


def main() -> int:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        results = [row for rows in pool.map(_listed, good_sitters()) for row in rows]
    report = _report(results)
    print(report)
    if "--write" in sys.argv:
        target = Path(sys.argv[sys.argv.index("--write") + 1])
        text = target.read_text(encoding="utf-8")
        before, after = text.split(_BEGIN)[0], text.split(_END)[1]
        target.write_text(f"{before}{_BEGIN}\n{report}\n{_END}{after}", encoding="utf-8")
    return 0


def _report(results: list[tuple[str, str, tuple[str, ...], frozenset[str]]]) -> str:
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    also: dict[str, Counter[str]] = defaultdict(Counter)
    codes: dict[str, tuple[str, ...]] = {}
    good = [found for kind, _, _, found in results if kind == "good"]
    for kind, name, expected, found in results:
        if kind == "defect":
            tried[name] += 1
            caught[name] += bool(found & set(expected))
            codes[name] = expected
            also[name].update(found - set(expected))
    false = Counter(code for found in good for code in found)
    per_rule_tried: Counter[str] = Counter()
    per_rule_caught: Counter[str] = Counter()
    for kind, _, expected, found in results:
        if kind == "defect":
            per_rule_tried[expected[0]] += 1
            per_rule_caught[expected[0]] += expected[0] in found
    lines = [
        f"Pipeline {PIPELINE_VERSION}. Planted defects on {len(results) // (len(DEFECTS) + 6)} made-up sitters, {len(good)} good pictures.",
        "",
        "| defect | caught | missed | rules that may notice it |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name.replace('_', ' ')} | {caught[name]} | {tried[name] - caught[name]} | {', '.join(c.removeprefix('portrait.') for c in codes[name])} |"
        for name in tried
    ]
    lines += ["", f"| rule | caught by this rule itself | false alarms on {len(good)} good pictures |", "|---|---|---|"]
    known = [FACE_COUNT.code, *(rule.code for rule in RULES), *(rule.code for rule in WINDOW_RULES.values())]
    for code in dict.fromkeys(known):
        own = f"{per_rule_caught[code]} of {per_rule_tried[code]}" if per_rule_tried[code] else "no planted defect"
        lines.append(f"| {code.removeprefix('portrait.')} | {own} | {false[code]} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
