"""The review after the room: a person looks at every photograph, exceptions first, and accepts, rejects or holds it.

It lives in ``capture`` because all it decides is this app's own lifecycle C2 (a frame is used, or its person must be
shot again), and because the station and the review take the same decisions. A package tells downward that a frame is
fixed (``Frame.packed_at``); nothing here asks delivery.
"""
