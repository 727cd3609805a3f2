"""Check-ins and frames in, bindings with evidence out: one shooting number, one frame (R98), and no silent break."""

from gradphoto.engine.pairing.batch import pair
from gradphoto.engine.pairing.live import PairingState, PairStep, SessionPairer
from gradphoto.engine.pairing.model import (
    Alarm,
    AlarmKind,
    Basis,
    Binding,
    CheckInMark,
    Evidence,
    FrameMark,
    Key,
    PairingReport,
    PairingRules,
)
from gradphoto.engine.pairing.shift import ShiftSuspicion, examine, find_shift

__all__ = [
    "Alarm",
    "AlarmKind",
    "Basis",
    "Binding",
    "CheckInMark",
    "Evidence",
    "FrameMark",
    "Key",
    "PairStep",
    "PairingReport",
    "PairingRules",
    "PairingState",
    "SessionPairer",
    "ShiftSuspicion",
    "examine",
    "find_shift",
    "pair",
]
