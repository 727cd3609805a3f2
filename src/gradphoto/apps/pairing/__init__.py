"""The repair of the pairing after the room: proposed by the engine, looked at by a person, applied as one action.

Nothing is rebound silently (R98, R212): every moved frame is on record with who, when and why, and can be moved back.
"""
