"""What later rooms of the house want to hear of verification."""

from django.dispatch import Signal

case_reopened = Signal()
"""A confirmed case is open again: ``case`` and ``reason``, inside the transaction that reopened it."""
