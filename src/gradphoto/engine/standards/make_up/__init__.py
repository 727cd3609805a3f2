"""Published make-up days (R142, R143) and the directory of branches (R69), as files that name their source."""

from gradphoto.engine.standards.make_up.branches import Branch, branches
from gradphoto.engine.standards.make_up.days import PublishedDays, half_hours, published_days

__all__ = ["Branch", "PublishedDays", "branches", "half_hours", "published_days"]
