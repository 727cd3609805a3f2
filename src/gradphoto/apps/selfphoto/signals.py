"""What the self-photograph tells: the review has decided on one."""

from django.dispatch import Signal

decided = Signal()
"""``portrait`` and ``about`` (``approved``, ``rejected``), inside the transaction of the decision."""
