"""A folder of photographs in, a folder of portraits out, with a report; one bad file never stops the others."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from gradphoto.engine.portrait.assessment import PortraitSet
from gradphoto.engine.portrait.errors import PhotoError, photo_error
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

REPORT_NAME = "report.csv"


@dataclass(frozen=True, slots=True)
class FolderLine:
    """One source file and one profile: what became of it.

    ``output`` is empty when no portrait was made; ``code`` and ``message`` are those of the first broken rule or of
    the error.
    """

    file: str
    profile_code: str
    outcome: Outcome
    code: str
    message: Wording
    advice: Wording
    all_codes: tuple[str, ...]
    output: str
    size_bytes: int
    quality: int


@dataclass(frozen=True, slots=True)
class FolderProgress:
    """``done`` of ``total`` files; ``outcome`` is the worst of this file's profiles."""

    done: int
    total: int
    file: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Every line in the order of file names, and where the CSV of it was written."""

    lines: tuple[FolderLine, ...]
    report_path: Path

    def count(self, outcome: Outcome) -> int:
        """How many lines ended so."""
        return sum(line.outcome is outcome for line in self.lines)


Progress = Callable[[FolderProgress], None]
_NOTHING = Wording("", "")
_WORST_FIRST = (Outcome.FAIL, Outcome.REVIEW, Outcome.PASS)


def make_folder(
    in_dir: Path,
    out_dir: Path,
    profiles: Sequence[PhotoProfile],
    progress: Progress | None = None,
    *,
    workers: int = 1,
    models_dir: Path | None = None,
) -> FolderReport:
    """Make the portraits of every file in ``in_dir`` (not its sub-folders, not hidden files).

    Writes ``<stem>_<profile>.jpg`` with its provenance in ``<stem>_<profile>.json``, ``<stem>.json`` with the
    assessment, and ``report.csv``; each file appears whole or not at all. ``workers`` above 1 spreads the files over
    so many processes. Raises ``portrait.folder_missing`` or ``portrait.folder_same``, and :class:`ModelError`.
    """
    files = _sources(in_dir, out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    names = _output_names(files)
    results: dict[Path, tuple[FolderLine, ...]] = {}
    for done, (path, lines) in enumerate(_worked(files, names, out_dir, tuple(profiles), workers, models_dir), 1):
        results[path] = lines
        if progress is not None:
            progress(FolderProgress(done, len(files), path.name, _worst(lines)))
    lines = tuple(line for path in files for line in results[path])
    report_path = out_dir / REPORT_NAME
    _write_whole(report_path, _as_csv(lines))
    return FolderReport(lines, report_path)


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
    return {path: path.stem if stems.count(path.stem.casefold()) == 1 else path.name for path in files}


def _worked(
    files: Sequence[Path],
    names: dict[Path, str],
    out_dir: Path,
    profiles: tuple[PhotoProfile, ...],
    workers: int,
    models_dir: Path | None,
) -> Iterator[tuple[Path, tuple[FolderLine, ...]]]:
    if workers <= 1 or len(files) < 2:
        pipeline = Pipeline(models_dir)
        for path in files:
            yield path, _work_file(pipeline, path, names[path], out_dir, profiles)
        return
    # Spawned, not forked: interpreters with their own threads do not survive a fork, and Windows knows only spawn.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(models_dir,)) as pool:
        waiting = {pool.submit(_work_in_process, path, names[path], out_dir, profiles): path for path in files}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


_process_pipeline: Pipeline | None = None


def _start_worker(models_dir: Path | None) -> None:
    global _process_pipeline
    _process_pipeline = Pipeline(models_dir)


def _work_in_process(
    path: Path, name: str, out_dir: Path, profiles: tuple[PhotoProfile, ...]
) -> tuple[FolderLine, ...]:
    assert _process_pipeline is not None
    return _work_file(_process_pipeline, path, name, out_dir, profiles)


def _work_file(
    pipeline: Pipeline, path: Path, name: str, out_dir: Path, profiles: tuple[PhotoProfile, ...]
) -> tuple[FolderLine, ...]:
    try:
        made = pipeline.make(_read(path), profiles)
    except PhotoError as error:
        return tuple(
            FolderLine(
                path.name, profile.code, Outcome.FAIL, error.code, error.message, error.remedy, (error.code,), "", 0, 0
            )
            for profile in profiles
        )
    _write_json(out_dir / f"{name}.json", made.assessment.to_json())
    return tuple(_lines(path, name, out_dir, made))


def _lines(path: Path, name: str, out_dir: Path, made: PortraitSet) -> Iterator[FolderLine]:
    for portrait in made.portraits:
        target = out_dir / f"{name}_{portrait.profile_code}.jpg"
        _write_whole(target, portrait.data)
        _write_json(target.with_suffix(".json"), portrait.provenance.to_json())
        findings = portrait.verdict.findings
        yield FolderLine(
            path.name,
            portrait.profile_code,
            portrait.verdict.outcome,
            findings[0].code if findings else "",
            findings[0].sentence if findings else _NOTHING,
            findings[0].advice if findings else _NOTHING,
            tuple(finding.code for finding in findings),
            target.name,
            portrait.provenance.size_bytes,
            portrait.provenance.quality,
        )
    for refusal in made.refused:
        findings = refusal.verdict.findings
        yield FolderLine(
            path.name,
            refusal.profile_code,
            Outcome.FAIL,
            refusal.code,
            refusal.message,
            findings[0].advice if findings else _NOTHING,
            tuple(finding.code for finding in findings),
            "",
            0,
            0,
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise photo_error(
            "unreadable", f"无法读取文件：{fault.strerror}。", f"The file cannot be read: {fault.strerror}."
        ) from fault


def _worst(lines: Sequence[FolderLine]) -> Outcome:
    outcomes = {line.outcome for line in lines}
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), Outcome.PASS)


def _as_csv(lines: Sequence[FolderLine]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["file", "profile", "outcome", "code", "message_zh", "message_en", "advice_zh", "advice_en",
         "all_codes", "output", "size_bytes", "quality"]
    )  # fmt: skip
    for line in lines:
        writer.writerow(
            [line.file, line.profile_code, line.outcome.value, line.code, line.message.zh, line.message.en,
             line.advice.zh, line.advice.en, " ".join(line.all_codes), line.output, line.size_bytes, line.quality]
        )  # fmt: skip
    # With a byte order mark, so that spreadsheets on Windows read the Chinese.
    return out.getvalue().encode("utf-8-sig")


def _write_json(path: Path, content: dict[str, object]) -> None:
    _write_whole(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, path)
