"""What the review tells later rooms."""

from django.dispatch import Signal

reviews_changed = Signal()
"""``reviews``: whose state a decision or an undo has changed, after it was written and in its transaction."""
