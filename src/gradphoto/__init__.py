"""GradPhoto: from the roster to the registered certificate photograph."""

__version__ = "0.1.0"
