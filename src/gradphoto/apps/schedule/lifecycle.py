"""A session is planned, opened once, and closed when both sides agree the count."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.schedule.models import SessionStatus as S

SESSION = Lifecycle(
    {
        S.PLANNED: {"capture.open_session": S.OPEN},
        S.OPEN: {"capture.close_session": S.CLOSED},
        S.CLOSED: {"capture.reopen_session": S.OPEN},
    }
)
