"""A password is typed by its owner alone: changed here with the present one, set by invitation (``orgs.invitations``)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils import timezone

from gradphoto.apps.access import staff_sessions
from gradphoto.apps.access.models import EndReason
from gradphoto.apps.access.notices import notify
from gradphoto.apps.access.staff_sessions import by_self
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput
from gradphoto.apps.core.wording import CHINESE
from gradphoto.engine.wording import Wording


class WeakPassword(InvalidInput):
    """A password that the rules refuse, with every reason."""

    status = 422

    def __init__(self, reasons: Wording) -> None:
        super().__init__(
            "access.weak_password",
            reasons,
            Wording(
                "请换一个密码，例如由几个词组成的一句话。", "Choose another one, such as a sentence of a few words."
            ),
        )


@action("access.change_password", permission=by_self)
def change_password(actor: Actor, user: Any, *, password: str, kept: SessionBase | None) -> None:
    """The person's new password; every other session of the account ends. Raises ``access.weak_password``."""
    store(user, password)
    if kept is not None:
        staff_sessions.end_other_sessions(actor, user, kept=kept, reason=EndReason.PASSWORD)
    else:
        staff_sessions.end_all(user, EndReason.PASSWORD)


def store(user: Any, password: str) -> None:
    """Set the password after the rules of ``AUTH_PASSWORD_VALIDATORS``. Raises ``access.weak_password``."""
    require_strong(user, password)
    user.set_password(password)
    user.must_change_password = False
    user.password_set_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_set_at"])
    user.end_invitations()
    notify(user, Wording("修改了密码", "the password was changed"))


def require_strong(user: Any, password: str) -> None:
    """Raises ``access.weak_password`` with all reasons in both languages."""
    reasons = {language: _reasons(user, password, language) for language in (CHINESE, "en")}
    if any(reasons.values()):
        raise WeakPassword(Wording(reasons[CHINESE], reasons["en"]))


def _reasons(user: Any, password: str, language: str) -> str:
    from django.utils.translation import override

    with override(language):
        try:
            validate_password(password, user)
        except ValidationError as error:
            return " ".join(str(message) for message in error.messages)
    return ""
