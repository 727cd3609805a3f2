"""What later rooms of the house may want to hear of make-ups."""

from django.dispatch import Signal

place_offered = Signal()
"""A half-hour is free for the first on a waiting list: ``waiting``, inside the transaction that freed it."""
