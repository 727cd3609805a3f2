"""The papers of the roster (R42-R44, R52, R55-R62): what stands on each, its number, and the way back of the signed page."""
