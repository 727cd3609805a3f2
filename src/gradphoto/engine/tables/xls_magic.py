"""First bytes of an old workbook: with its container, and without one as older school systems write it."""

OLE = b"\xd0\xcf\x11\xe0"
BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
