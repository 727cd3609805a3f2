"""Images a second of the full path (all rules, three outputs), against a bare quarter-scale decode of the same files.

``python -m benchmarks.portrait [--files 48] [--peer 'COMMAND {source} {target}']``

The peer is any command that makes one portrait from one file; it is timed on a few of the same files in the same run. A command
for HivisionIDPhotos (checked out and installed by its own instructions; not tried by this project, which could not fetch it):
``--peer 'python inference.py -i {source} -o {target} --height 640 --width 480'``. Its start-up is part of that time.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image

from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.folder import collect_seldom
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.standards.profiles import load_profile

SIZES = {"24 MP": (4000, 6000), "6 MP": (2000, 3000)}
PROFILES = ("mb2017_99", "legacy_2009", "print_48x33")
CORES = 2
_pipeline: Pipeline | None = None


def camera_file(name: str, size: tuple[int, int]) -> bytes:
    """A sitter enlarged to a camera's pixel count, with grain, so that entropy decoding costs what a photograph's does."""
    width, height = size
    with Image.open(io.BytesIO(picture(name))) as image:
        scaled = image.resize((width, width * image.height // image.width), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", size, scaled.getpixel((5, 5)))
    canvas.paste(scaled, (0, max(0, height - scaled.height)))
    grain = np.random.default_rng(3).normal(0, 3, (height, width, 1)).astype(np.int16)
    pixels = (np.asarray(canvas).astype(np.int16) + grain).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


def _start() -> None:
    global _pipeline
    _pipeline = Pipeline()
    _pipeline.make(picture(good_sitters()[0]), [load_profile(PROFILES[0])])
    collect_seldom()  # as the folder's own workers do


def _full(path: str) -> int:
    assert _pipeline is not None
    made = _pipeline.make(Path(path).read_bytes(), [load_profile(code) for code in PROFILES])
    return len(made.portraits)


def _bare(path: str) -> int:
    data = Path(path).read_bytes()
    return int(simplejpeg.decode_jpeg(data, min_factor=4, min_height=1, min_width=1).shape[0])


def _cost(work_and_path: tuple[Callable[[str], int], str]) -> float:
    """Processor seconds of one file: what a quiet core would need."""
    work, path = work_and_path
    start = time.process_time()
    work(path)
    return time.process_time() - start


def _memory(_: str) -> int:
    """Peak resident memory of this process in MB (VmHWM: ru_maxrss would count the parent that started it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """Files a second by the clock and by processor time (on as many quiet cores), and the largest process in MB."""

    clock: float
    cores: float
    memory_mb: int


def _rate(work: Callable[[str], int], files: list[str], processes: int) -> Rate:
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_start) as pool:
        list(pool.map(_memory, files[: processes * 2]))
        start = time.perf_counter()
        cost = sum(pool.map(_cost, [(work, file) for file in files]))
        seconds = time.perf_counter() - start
        memory = max(pool.map(_memory, files[: processes * 2]))
    return Rate(len(files) / seconds, processes * len(files) / cost, memory)


def _peer(command: str, files: list[str], folder: Path) -> float:
    start = time.perf_counter()
    for number, file in enumerate(files):
        text = command.format(source=file, target=folder / f"peer{number}.jpg")
        subprocess.run(shlex.split(text), check=True, capture_output=True)
    return len(files) / (time.perf_counter() - start)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=48)
    parser.add_argument("--peer")
    options = parser.parse_args()
    run(options.files, options.peer)
    return 0


def run(count: int = 24, peer_command: str | None = None) -> None:
    """Print the table for ``count`` files of each size."""
    print("Files a second by the clock; in brackets by processor time, as on quiet cores.")
    print("| size | full path, 1 process | 2 processes | bare 1/4 decode, 2 processes | ratio | MB a process | peer |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, size in SIZES.items():
            distinct = [camera_file(sitter, size) for sitter in good_sitters()[:8]]
            files = []
            for number in range(count):
                path = folder / f"{size[0]}_{number}.jpg"
                path.write_bytes(distinct[number % len(distinct)])
                files.append(str(path))
            one, two, bare = _rate(_full, files, 1), _rate(_full, files, CORES), _rate(_bare, files, CORES)
            peer = f"{_peer(peer_command, files[:4], folder):.1f}" if peer_command else "not run"
            print(
                f"| {title} | {one.clock:.1f} ({one.cores:.1f}) | {two.clock:.1f} ({two.cores:.1f}) "
                f"| {bare.clock:.1f} ({bare.cores:.1f}) | {bare.cores / two.cores:.1f} | {two.memory_mb} | {peer} |"
            )


if __name__ == "__main__":
    sys.exit(main())
