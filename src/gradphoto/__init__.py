"""GradPhoto: from the roster to the registered certificate photograph."""

__version__ = "0.2.0"
