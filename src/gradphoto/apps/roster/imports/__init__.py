"""A roster file's way in, in the order of the modules: receive, map, read, place, review, apply (and mark)."""
