"""Pages of the roster: the list, one person, corrections, signatures, the plan, imports, and the student's own page."""
