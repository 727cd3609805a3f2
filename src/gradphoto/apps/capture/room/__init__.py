"""The room: everything that happens between the door and the photograph, a module for each kind of step (R96-R104)."""
