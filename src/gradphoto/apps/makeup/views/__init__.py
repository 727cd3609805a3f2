"""The make-up desk's pages."""
