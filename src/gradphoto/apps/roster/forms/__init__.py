"""What the roster's pages ask for: one module a group of pages, one form an action (docs/contributing.md)."""
