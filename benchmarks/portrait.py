"""Images a second of the full path (all rules, three outputs), against a true quarter-scale decode and a peer in the same run.

``python -m benchmarks.portrait [--files 16] [--heads FOLDER] [--models FOLDER] [--peer 'COMMAND {source} {target}']``

The files are as a camera makes them: faces of 700 to 1000 px, grain, 4:2:2 at quality 93: about
6 MB at 24 megapixels. ``--heads`` uses real heads (a folder of
portraits, for instance the composites of ``portrait_real``) instead of the made-up sitters. ``--models``: a folder with a
face-parsing model adds a column. With onnxruntime and mtcnn-runtime installed the peer is :mod:`benchmarks.portrait_peer`;
``--peer`` times any command on a few of the files instead, its start-up included.
"""

from __future__ import annotations

import argparse
import importlib.util
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


def camera_file(data: bytes, size: tuple[int, int], face_px: int) -> bytes:
    """A portrait as a camera would have made it: the face ``face_px`` high, grain, the compression of a good camera."""
    width, height = size
    assert _pipeline is not None
    traced = _pipeline.trace(data)
    zoom = face_px / float(np.ptp(traced.points[:, 1]))
    rgb = Image.fromarray(traced.rgb)
    scaled = rgb.resize((round(rgb.width * zoom), round(rgb.height * zoom)), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", size, scaled.getpixel((5, 5)))
    left, top = round(width / 2 - traced.points[168, 0] * zoom), round(height * 0.35 - traced.points[168, 1] * zoom)
    below = top + scaled.height
    if below < height:
        # What the portrait does not show of the body goes on as its last rows do.
        rows = scaled.crop((0, scaled.height - 30, scaled.width, scaled.height)).resize((scaled.width, height - below))
        canvas.paste(rows, (left, below))
    canvas.paste(scaled, (left, top))
    random = np.random.default_rng(3)
    grain = random.normal(0, 3.5, (height, width, 1)) + random.normal(0, 1.5, (height, width, 3))
    pixels = (np.asarray(canvas) + grain).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=93, subsampling="4:2:2")
    return out.getvalue()


def _start(models_dir: Path | None = None) -> None:
    global _pipeline
    _pipeline = Pipeline(models_dir)
    _pipeline.make(picture(good_sitters()[0]), [load_profile(PROFILES[0])])
    collect_seldom()  # as the folder's own workers do


def _full(path: str) -> int:
    assert _pipeline is not None
    made = _pipeline.make(Path(path).read_bytes(), [load_profile(code) for code in PROFILES])
    return len(made.portraits)


def _bare(path: str) -> int:
    data = Path(path).read_bytes()
    height, width, *_ = simplejpeg.decode_jpeg_header(data)
    made = simplejpeg.decode_jpeg(data, min_factor=4, min_height=-(-height // 4), min_width=-(-width // 4))
    assert abs(made.shape[0] * 4 - height) <= 4, "a quarter, no less"
    return int(made.shape[0])


_peer_make: Callable[[bytes], bytes] | None = None


def _peer_shape(path: str) -> int:
    global _peer_make
    if _peer_make is None:
        from benchmarks.portrait_peer import peer

        _peer_make = peer()
    return len(_peer_make(Path(path).read_bytes()))


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


def _rate(work: Callable[[str], int], files: list[str], processes: int, models_dir: Path | None = None) -> Rate:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(models_dir,)) as pool:
        # Whatever is built on first use, is built now.
        list(pool.map(work, files[: processes * 2]))
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
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--heads", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--peer")
    options = parser.parse_args()
    run(options.files, options.peer, options.heads, options.models)
    return 0


def run(
    count: int = 16, peer_command: str | None = None, heads: Path | None = None, parser_models: Path | None = None
) -> None:
    """Print the table for ``count`` files of each size."""
    _start()
    print("Files a second of two processes by the clock; in brackets by processor time, as on two quiet cores.")
    print(
        "| size | MB a file | full path | true 1/4 decode | times the decode | with parser | peer | times the peer | MB a process |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, size in SIZES.items():
            files = _written(folder, size, count, heads)
            made, bare = _rate(_full, files, CORES), _rate(_bare, files, CORES)
            parsed = _rate(_full, files, CORES, parser_models) if parser_models else None
            peer = _peer_rate(peer_command, files, folder)
            mean_mb = sum(Path(file).stat().st_size for file in files) / len(files) / 1e6
            print(
                f"| {title} | {mean_mb:.1f} | {_told(made)} | {_told(bare)} | {bare.cores / made.cores:.1f} | {_told(parsed)} "
                f"| {_told(peer)} | {f'{made.cores / peer.cores:.1f}' if peer else '—'} | {made.memory_mb} |"
            )


def _written(folder: Path, size: tuple[int, int], count: int, heads: Path | None) -> list[str]:
    sources = [path.read_bytes() for path in sorted(heads.glob("*.jpg"))[:8]] if heads else []
    sources = sources or [picture(name) for name in good_sitters()[:8]]
    files = []
    for number in range(count):
        path = folder / f"{size[0]}_{number}.jpg"
        if number < len(sources):
            path.write_bytes(camera_file(sources[number], size, 700 + 300 * number // max(1, len(sources) - 1)))
        else:
            path.write_bytes(Path(files[number % len(sources)]).read_bytes())
        files.append(str(path))
    return files


def _peer_rate(command: str | None, files: list[str], folder: Path) -> Rate | None:
    if command:
        rate = _peer(command, files[:4], folder)
        return Rate(rate, rate, 0)
    if importlib.util.find_spec("onnxruntime") is None or importlib.util.find_spec("mtcnnruntime") is None:
        return None
    return _rate(_peer_shape, files[:8], CORES)


def _told(rate: Rate | None) -> str:
    return "not run" if rate is None else f"{rate.clock:.1f} ({rate.cores:.1f})"


if __name__ == "__main__":
    sys.exit(main())
