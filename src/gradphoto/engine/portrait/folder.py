"""A folder of photographs in, a folder of portraits out, with a report; one bad file never stops the others.

A run that was killed goes on where it stopped: ``run.jsonl`` in the output folder holds a line for every finished file. A
file that kills its worker process (a library's crash, out of memory) is tried once more alone and then told as crashed.
"""

from __future__ import annotations

import gc
import io
import json
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image

from gradphoto.engine.portrait.assessment import PortraitSet
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.errors import PhotoError, photo_error
from gradphoto.engine.portrait.folder_journal import FolderFinding, FolderLine, Journal, run_key
from gradphoto.engine.portrait.folder_report import write_html, write_xlsx
from gradphoto.engine.portrait.pipeline import Pipeline, process_pipeline, version_with
from gradphoto.engine.portrait.verdict import PICTURE_OUTCOMES, Outcome, Verdict
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

REPORT_NAME = "report.xlsx"
HTML_NAME = "report.html"
THUMBNAILS = "thumbnails"


@dataclass(frozen=True, slots=True)
class FolderProgress:
    """``done`` of ``total`` files; ``outcome`` is the worst of this file's profiles; ``resumed``: done by an earlier run."""

    done: int
    total: int
    file: str
    outcome: Outcome
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Every line in the order of file names, where the reports were written, and how many files an earlier run had done."""

    lines: tuple[FolderLine, ...]
    report_path: Path
    html_path: Path
    resumed: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many lines ended so."""
        return sum(line.outcome is outcome for line in self.lines)


Progress = Callable[[FolderProgress], None]
_NOTHING = Wording("", "")
# So many files wait for each worker: enough to keep it busy, few enough to know whom to suspect after a crash.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    name: str
    out_dir: Path
    profiles: tuple[PhotoProfile, ...]
    new_background: str | None


def make_folder(
    in_dir: Path,
    out_dir: Path,
    profiles: Sequence[PhotoProfile],
    progress: Progress | None = None,
    *,
    workers: int = 1,
    models_dir: Path | None = None,
    new_background: str | None = None,
) -> FolderReport:
    """Make the portraits of every file in ``in_dir`` (not its sub-folders, not hidden files).

    Writes ``<stem>_<profile>.jpg`` with its provenance in ``<stem>_<profile>.json``, ``<stem>.json`` with the
    assessment, thumbnails, ``report.xlsx`` and ``report.html`` (worst first); each file appears whole or not at all. A file
    finished by an earlier run with the same profiles, thresholds and pipeline, and unchanged since, is passed over.
    ``new_background``: see :meth:`Pipeline.make`. ``workers`` above 1 spreads the files over so many processes. Raises ``portrait.folder_missing`` or
    ``portrait.folder_same``, and :class:`ModelError`.
    """
    files = _sources(in_dir, out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / THUMBNAILS).mkdir(exist_ok=True)
    names = _output_names(files)
    results: dict[str, tuple[FolderLine, ...]] = {}
    with Journal(out_dir / "run.jsonl", run_key(profiles, version_with(models_dir), new_background)) as journal:
        for path in files:
            known = journal.known(path)
            if known is not None and all(not line.output or (out_dir / line.output).exists() for line in known):
                results[path.name] = known
        resumed = len(results)
        if progress is not None and resumed:
            progress(FolderProgress(resumed, len(files), "", Outcome.PASS, resumed=True))
        tasks = [
            _Task(path, names[path], out_dir, tuple(profiles), new_background)
            for path in files
            if path.name not in results
        ]
        for task, lines in _worked(tasks, workers, models_dir):
            journal.add(task.path, lines)
            results[task.path.name] = lines
            if progress is not None:
                progress(FolderProgress(len(results), len(files), task.path.name, _worst(lines)))
    lines = tuple(line for path in files for line in results[path.name])
    ordered = sorted(lines, key=lambda line: (PICTURE_OUTCOMES.index(line.outcome), -len(line.findings)))
    _write_whole(out_dir / REPORT_NAME, write_xlsx(ordered))
    thumbnails = {path.name: f"{THUMBNAILS}/{names[path]}.jpg" for path in files}
    _write_whole(out_dir / HTML_NAME, write_html(ordered, thumbnails, in_dir.name))
    return FolderReport(lines, out_dir / REPORT_NAME, out_dir / HTML_NAME, resumed)


def _sources(in_dir: Path, out_dir: Path) -> list[Path]:
    if not in_dir.is_dir():
        raise photo_error(
            "folder_missing",
            f"找不到文件夹 {in_dir}。",
            f"There is no folder {in_dir}.",
            Wording("请检查路径。", "Check the path."),
        )
    if in_dir.resolve() == out_dir.resolve():
        raise photo_error(
            "folder_same",
            "输出文件夹与照片文件夹相同。",
            "The output folder is the folder of the photographs.",
            Wording("请另选一个输出文件夹。", "Choose another folder for the output."),
        )
    return sorted(path for path in in_dir.iterdir() if path.is_file() and not path.name.startswith("."))


def _output_names(files: Sequence[Path]) -> dict[Path, str]:
    """The stem of each file, or its whole name where two files share a stem (a.jpg and a.png)."""
    stems = [path.stem.casefold() for path in files]
    twice = {stem for stem in stems if stems.count(stem) > 1} if len(set(stems)) < len(stems) else set()
    return {path: path.name if path.stem.casefold() in twice else path.stem for path in files}


def _worked(
    tasks: Sequence[_Task], workers: int, models_dir: Path | None
) -> Iterator[tuple[_Task, tuple[FolderLine, ...]]]:
    if workers <= 1 or len(tasks) < 2:
        pipeline = process_pipeline(models_dir) if tasks else None
        for task in tasks:
            assert pipeline is not None
            yield task, _work_file(pipeline, task)
        return
    left = deque(tasks)
    while left:
        suspects: list[_Task] = []
        yield from _until_a_crash(left, workers, models_dir, suspects)
        for task in suspects:
            yield task, _alone(task, models_dir)


def _until_a_crash(
    left: deque[_Task], workers: int, models_dir: Path | None, suspects: list[_Task]
) -> Iterator[tuple[_Task, tuple[FolderLine, ...]]]:
    """Work tasks off; when a worker dies, leave in ``suspects`` those that were handed out and have no result."""
    waiting: dict[Future[tuple[FolderLine, ...]], _Task] = {}
    with _pool(workers, models_dir) as pool:
        try:
            while left or waiting:
                for task in islice(_drawn(left), workers * _AHEAD - len(waiting)):
                    waiting[pool.submit(_work_in_process, task)] = task
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    lines = future.result()
                    yield waiting.pop(future), lines
        except BrokenProcessPool:
            suspects.extend(waiting.values())


def _drawn(left: deque[_Task]) -> Iterator[_Task]:
    while left:
        yield left.popleft()


def _alone(task: _Task, models_dir: Path | None) -> tuple[FolderLine, ...]:
    """One suspect in a process of its own: only the guilty one takes that process down."""
    with _pool(1, models_dir) as pool:
        try:
            return pool.submit(_work_in_process, task).result()
        except BrokenProcessPool:
            error = photo_error(
                "crashed", "处理此文件时程序异常退出。", "The program died on this file.",
                Wording("请把原图交给系统管理员，并用备用照片。", "Hand the file to your administrator and use another frame."),
            )  # fmt: skip
            return _error_lines(task, error)


def _pool(workers: int, models_dir: Path | None) -> ProcessPoolExecutor:
    # Spawned, not forked: interpreters with their own threads do not survive a fork, and Windows knows only spawn.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(models_dir,))


_worker_models: Path | None = None


def collect_seldom() -> None:
    """For processes that only make portraits: what they make has no cycles, and looking for some costs three in a hundred."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _start_worker(models_dir: Path | None) -> None:
    global _worker_models
    _worker_models = models_dir
    process_pipeline(models_dir)  # the models are read before the first file comes
    collect_seldom()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever, with 150 MB in its hands."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work_in_process(task: _Task) -> tuple[FolderLine, ...]:
    return _work_file(process_pipeline(_worker_models), task)


def _work_file(pipeline: Pipeline, task: _Task) -> tuple[FolderLine, ...]:
    try:
        made = pipeline.make(_read(task.path), task.profiles, new_background=task.new_background)
    except PhotoError as error:
        return _error_lines(task, error)
    _write_json(task.out_dir / f"{task.name}.json", made.assessment.to_json())
    _write_whole(task.out_dir / THUMBNAILS / f"{task.name}.jpg", _thumbnail(made.preview))
    return tuple(_lines(task, made))


def _thumbnail(preview: Rgb) -> bytes:
    out = io.BytesIO()
    Image.fromarray(preview).save(out, "JPEG", quality=75)
    return out.getvalue()


def _error_lines(task: _Task, error: PhotoError) -> tuple[FolderLine, ...]:
    return tuple(
        FolderLine(
            task.path.name, profile.code, Outcome.FAIL, error.code, error.message, error.remedy, (), (), "", 0, 0
        )
        for profile in task.profiles
    )


def _lines(task: _Task, made: PortraitSet) -> Iterator[FolderLine]:
    for portrait in made.portraits:
        target = task.out_dir / f"{task.name}_{portrait.profile_code}.jpg"
        _write_whole(target, portrait.data)
        _write_json(target.with_suffix(".json"), {"source": task.path.name, **portrait.provenance.to_json()})
        findings = _findings(portrait.verdict)
        yield FolderLine(
            task.path.name,
            portrait.profile_code,
            portrait.verdict.outcome,
            findings[0].code if findings else "",
            findings[0].message if findings else _NOTHING,
            findings[0].advice if findings else _NOTHING,
            findings,
            tuple(one.sentence for one in portrait.verdict.not_assessed),
            target.name,
            portrait.provenance.size_bytes,
            portrait.provenance.quality,
        )
    for refusal in made.refused:
        yield FolderLine(
            task.path.name,
            refusal.profile_code,
            Outcome.FAIL,
            refusal.code,
            refusal.message,
            refusal.advice,
            _findings(refusal.verdict),
            tuple(one.sentence for one in refusal.verdict.not_assessed),
            "",
            0,
            0,
        )


def _findings(verdict: Verdict) -> tuple[FolderFinding, ...]:
    return tuple(
        FolderFinding(one.code, one.outcome, one.sentence, one.advice, one.explained_by) for one in verdict.findings
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise photo_error(
            "unreadable", f"无法读取文件：{fault.strerror}。", f"The file cannot be read: {fault.strerror}."
        ) from fault


def _worst(lines: Iterable[FolderLine]) -> Outcome:
    outcomes = {line.outcome for line in lines}
    return next((outcome for outcome in PICTURE_OUTCOMES if outcome in outcomes), Outcome.PASS)


def _write_json(path: Path, content: dict[str, object]) -> None:
    _write_whole(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)
