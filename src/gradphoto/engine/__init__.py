"""The ground floor: the field's knowledge as pure functions and small frozen types. No Django here."""
