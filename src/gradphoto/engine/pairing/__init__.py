"""Check-ins and frames in, bindings with evidence out: one shooting number, one frame (R98), and no silent break."""

from gradphoto.engine.pairing.batch import pair
from gradphoto.engine.pairing.live import PairingState, PairStep, SessionPairer
from gradphoto.engine.pairing.model import (
    Alarm,
    AlarmKind,
    Basis,
    Binding,
    CheckInMark,
    ClockFix,
    Evidence,
    FrameMark,
    Key,
    LaidInVain,
    PairingReport,
    PairingRules,
)
from gradphoto.engine.pairing.proposal import (
    Certainty,
    Change,
    Fault,
    FaultKind,
    OpenQuestion,
    RepairProposal,
    SamePerson,
)
from gradphoto.engine.pairing.repair import propose_repair
from gradphoto.engine.pairing.shift import ShiftSuspicion, examine, find_shift

__all__ = [
    "Alarm",
    "AlarmKind",
    "Basis",
    "Binding",
    "Certainty",
    "Change",
    "CheckInMark",
    "ClockFix",
    "Evidence",
    "Fault",
    "FaultKind",
    "FrameMark",
    "Key",
    "LaidInVain",
    "OpenQuestion",
    "PairStep",
    "PairingReport",
    "PairingRules",
    "PairingState",
    "RepairProposal",
    "SamePerson",
    "SessionPairer",
    "ShiftSuspicion",
    "examine",
    "find_shift",
    "pair",
    "propose_repair",
]
