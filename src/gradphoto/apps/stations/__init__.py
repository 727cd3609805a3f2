"""Kits go out to stations, packets come back: a room without network works on its own and loses nothing."""
