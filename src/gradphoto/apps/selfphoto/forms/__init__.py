"""The forms of the self-photograph."""
