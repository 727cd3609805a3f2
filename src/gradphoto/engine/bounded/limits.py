"""How much memory and time a reader may take."""

from __future__ import annotations

from dataclasses import dataclass

_MEGABYTE = 1024 * 1024
_CPU_S, _CPU_S_PER_MB, _MOST_CPU_S = 4.0, 1.5, 120.0
_WALL_S, _WALL_PER_CPU = 20.0, 4.0


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """``memory_bytes`` is address space, ``cpu_s`` processor time of the child; ``wall_s`` is how long we wait for it,
    the time that we work on its answers left out. ``answer_bytes`` is all that it may answer."""

    memory_bytes: int = 900 * _MEGABYTE
    cpu_s: float = 8.0
    wall_s: float = 60.0
    answer_bytes: int = 512 * _MEGABYTE


def for_upload(size: int, *, memory_mb: int = 900, answer_mb: int = 512) -> ChildLimits:
    """Limits that grow with the file: a small one that takes long is no honest one."""
    cpu = min(_CPU_S + _CPU_S_PER_MB * size / _MEGABYTE, _MOST_CPU_S)
    return ChildLimits(memory_mb * _MEGABYTE, cpu, _WALL_S + _WALL_PER_CPU * cpu, answer_mb * _MEGABYTE)


TRIAL_PAPER = ChildLimits(memory_bytes=900 * _MEGABYTE, cpu_s=6.0, wall_s=40.0)
"""For setting one line with a font: a good one takes half a second, whatever its size."""


def for_table(size: int) -> ChildLimits:
    """Limits for reading a whole table in the background, where nobody waits at a page."""
    cpu = min(2 * (_CPU_S + _CPU_S_PER_MB * size / _MEGABYTE), _MOST_CPU_S)
    return ChildLimits(cpu_s=cpu, wall_s=_WALL_S + _WALL_PER_CPU * cpu)
