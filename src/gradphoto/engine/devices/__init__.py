"""The equipment in the room, each piece behind one small protocol and beside a simulator that speaks the real bytes."""
