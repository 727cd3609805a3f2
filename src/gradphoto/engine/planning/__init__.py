"""Capacities and the timetable. First fit for now; the solver comes behind the same types."""

from gradphoto.engine.planning.first_fit import (
    Block,
    Group,
    Kind,
    Plan,
    PlannedSlot,
    Rates,
    Unplaced,
    plan,
    rate_warning,
)

__all__ = ["Block", "Group", "Kind", "Plan", "PlannedSlot", "Rates", "Unplaced", "plan", "rate_warning"]
