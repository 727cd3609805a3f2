"""The timetable: planning with proof, checking plans made by hand, planning anew while the day runs (R72-R88)."""

from gradphoto.engine.planning.check import Conflict, ConflictKind, check_plan, over_rate, tally
from gradphoto.engine.planning.half_days import half_days
from gradphoto.engine.planning.plan import (
    ChangeKind,
    Delay,
    Goal,
    Level,
    Options,
    Plan,
    Progress,
    Proposal,
    Status,
    Unplaced,
)
from gradphoto.engine.planning.problem import Crew, Group, Kind, Period, Problem, Rates, Room, Slot, Span, Wish
from gradphoto.engine.planning.replan import Outcome, Replanned, change_words, replan
from gradphoto.engine.planning.search import CancelledError
from gradphoto.engine.planning.solve import solve

__all__ = [
    "CancelledError",
    "ChangeKind",
    "Conflict",
    "ConflictKind",
    "Crew",
    "Delay",
    "Goal",
    "Group",
    "Kind",
    "Level",
    "Options",
    "Outcome",
    "Period",
    "Plan",
    "Problem",
    "Progress",
    "Proposal",
    "Rates",
    "Replanned",
    "Room",
    "Slot",
    "Span",
    "Status",
    "Unplaced",
    "Wish",
    "change_words",
    "check_plan",
    "half_days",
    "over_rate",
    "replan",
    "solve",
    "tally",
]
