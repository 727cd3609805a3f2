"""The middle floor: state, permissions and pages, one Django app a room, in the order of the journey."""
