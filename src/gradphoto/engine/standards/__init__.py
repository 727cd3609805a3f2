"""What the field has agreed on: numbers, names, dates, working days, code tables, photo profiles."""
