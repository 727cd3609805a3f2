"""Speed as ratios to a named limit in the same run; never in a timed test."""
