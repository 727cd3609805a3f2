"""What the timetable does when somebody leaves the approved list."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.steps import left_list
from gradphoto.apps.schedule.models import Appointment


@receiver(left_list, dispatch_uid="schedule.free_place")
def free_place(sender: Any, candidate: Candidate, **rest: Any) -> None:
    """The place is free again, so that neither the slot's headcount nor the shooting list counts who does not come."""
    Appointment.objects.filter(candidate=candidate).delete()
