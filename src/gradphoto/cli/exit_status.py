"""What a command of ``gradphoto`` ends with, for whoever calls it from a script."""

EXIT_FOUND = 1
"""The command worked and found something that must be mended."""
EXIT_CANNOT = 2
"""The command could not do its work."""
