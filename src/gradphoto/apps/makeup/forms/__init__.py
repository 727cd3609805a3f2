"""The forms of make-up: a case and its steps, days published, pictures by mail, self-organised collection."""
