"""After the fact: what is wrong with a session's bindings, and the repair as a difference to be looked at (R98, R212).

Nothing is rebound here, and nobody is asked to believe: every change carries its evidence in words.
"""

from __future__ import annotations

from collections.abc import Collection

from gradphoto.engine.pairing.batch import read
from gradphoto.engine.pairing.differences import Case, find_changes
from gradphoto.engine.pairing.faults import explain
from gradphoto.engine.pairing.live import PairingState
from gradphoto.engine.pairing.model import Key, PairingRules
from gradphoto.engine.pairing.proposal import RepairProposal, SamePerson
from gradphoto.engine.pairing.questions import open_questions


def propose_repair(
    session: PairingState,
    rules: PairingRules | None = None,
    *,
    by_hand: Collection[Key] = (),
    same_person: SamePerson | None = None,
) -> RepairProposal:
    """The repair of a recorded session; without changes where the bindings agree with order, times and cameras.

    ``by_hand``: frames that a person bound deliberately; they are never proposed with more than ``ASK``. Raises
    :class:`KeyError` for a binding to an unknown check-in.
    """
    rules = rules or PairingRules()
    reading = read(session.check_ins, session.frames, rules)
    case = Case.of(session, reading, rules, frozenset(by_hand), same_person)
    changes = find_changes(case)
    taken_at = {timed.frame.key: timed.taken_at for timed in case.frames}
    return RepairProposal(explain(case, changes), open_questions(case), taken_at)
