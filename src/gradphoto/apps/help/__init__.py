"""Help: one manual a role, kept in the package so that it opens on a laptop without a network; each page leads to its paragraph."""
