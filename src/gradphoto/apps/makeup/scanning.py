"""The reader of personal QR codes at the code field of a room, at the centre and at a station without network."""

from __future__ import annotations

from gradphoto.apps.capture.identify import Identified, identifier
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.makeup.models import CaseStatus
from gradphoto.apps.makeup.seating import case_in_the_room, require_seatable
from gradphoto.apps.makeup.tokens import said_key
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_PAPERS = Wording(
    "补拍：请当面查验学生证和身份证，并核对本人；证件不全请撤销登记。",
    "Make-up: see student card and ID card and that it is them; if a paper is missing, cancel the check-in.",
)


@identifier
def make_up_code(session: CaptureSession, text: str) -> Identified | None:
    """The person of a make-up case (R144), or the refusal that says why not; None for any other code."""
    if said_key(text) is None:
        return None
    case = case_in_the_room(text)
    require_seatable(case, session)
    seen = case.status == CaseStatus.ATTENDED  # the desk has seen the papers already
    return Identified(Identification.MAKEUP_QR, case.candidate, caution=None if seen else _PAPERS)
