"""The review after the room: a person looks at every photograph, exceptions first, and accepts, rejects or holds it.

It decides on capture's rows by capture's actions (a frame is used, or its person must be shot again). A package tells
downward that a frame is fixed (``Frame.packed_at``); nothing here asks delivery.
"""
