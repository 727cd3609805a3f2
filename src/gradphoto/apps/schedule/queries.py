"""Who is called when: the shooting list of a slot."""

from __future__ import annotations

from django.db.models import QuerySet

from gradphoto.apps.schedule.models import Appointment, Slot


def shooting_list(slot: Slot) -> QuerySet[Appointment]:
    """The slot's people in shooting order."""
    return slot.appointments.select_related("candidate__department").order_by("position")
