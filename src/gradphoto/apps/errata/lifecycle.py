"""Lifecycle C5 of an errata case (R156-R160, R167-R170), and of the form that carries cases."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.errata.models import CaseStatus as S
from gradphoto.apps.errata.models import ErrataCase, ErrataForm
from gradphoto.apps.errata.models import FormStatus as F

_LEAVING = {"errata.refuse_case": S.REFUSED, "errata.withdraw_case": S.WITHDRAWN}
_DONE = {"errata.confirm_case": S.CONFIRMED, "errata.return_result": S.RECEIVED}

CASE = Lifecycle(
    ErrataCase,
    {
        S.DRAFTED: {
            "errata.seal_case": S.SEALED,
            "errata.send_case": S.SENT,
            "errata.withdraw_case": S.WITHDRAWN,
        },
        S.SEALED: {"errata.send_case": S.SENT, "errata.withdraw_case": S.WITHDRAWN},
        S.SENT: {"errata.receive_case": S.RECEIVED, **_LEAVING},
        S.RECEIVED: {
            "errata.seat_for_reshoot": S.RECEIVED,
            "errata.correct_case": S.CORRECTED,
            "errata.reissue_case": S.REISSUED,
            "errata.reshoot_case": S.RESHOT,
            **_LEAVING,
        },
        S.CORRECTED: _DONE,
        S.REISSUED: _DONE,
        S.RESHOT: _DONE,
        S.CONFIRMED: {"errata.file_case": S.FILED},
    },
)

FORM = Lifecycle(
    ErrataForm,
    {
        F.DRAFTED: {"errata.seal_form": F.SEALED, "errata.send_form": F.SENT},
        F.SEALED: {"errata.send_form": F.SENT},
        F.SENT: {"errata.receive_form": F.RECEIVED},
    },
)
