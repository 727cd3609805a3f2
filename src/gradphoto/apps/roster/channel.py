"""The template and data channel (R95): open to who has named their school and themselves, on record with the date."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.roster.models import ChannelConfirmation
from gradphoto.apps.roster.typed import plain


@action("roster.confirm_channel", permission="roster.list", within=())
def confirm_channel(actor: Actor, campaign: Campaign, *, school: str, teacher: str) -> ChannelConfirmation:
    """The signed-in person names the school (or its code) and themselves; both must be what the house knows of them.

    Raises ``roster.identity_not_confirmed``. Confirming again renews the date.
    """
    known = {plain(campaign.school.name), plain(campaign.school.code)} - {""}
    own = {plain(actor.user.display_name), plain(actor.user.username)} - {""}
    if plain(school) not in known or plain(teacher) not in own:
        raise invalid(
            "roster.identity_not_confirmed",
            "学校或教师姓名与登记信息不一致。",
            "The school or the teacher's name is not what is on record.",
            "请填写学校全称（或院校代码）和本人在系统中登记的姓名；信息有误请联系管理员。",
            "Give the school's full name or code, and your own name as registered here; ask your administrator if that is wrong.",
        )
    confirmation, _ = ChannelConfirmation.objects.update_or_create(
        campaign=campaign,
        user=actor.user,
        defaults={
            "school_name": campaign.school.name,
            "teacher_name": str(actor.user)[:60],
            "confirmed_at": timezone.now(),
        },
    )
    return confirmation


def confirmation_of(actor: Actor, campaign: Campaign) -> ChannelConfirmation | None:
    """The person's own confirmation for this campaign, if there is one."""
    if actor.kind is not ActorKind.USER:
        return None
    return ChannelConfirmation.objects.filter(campaign=campaign, user=actor.user).first()


def require_confirmed(actor: Actor, campaign: Campaign) -> None:
    """Refuse the channel to who has not confirmed yet. The house itself needs no confirmation."""
    if actor.kind is ActorKind.SYSTEM:
        return
    confirmation = confirmation_of(actor, campaign)
    if confirmation is None:
        raise refuse(
            "roster.channel_not_confirmed",
            "使用模板和上传数据前，须先确认学校和教师身份。",
            "Confirm the school's and your own identity before using the template and the upload.",
            "请在“导入名册”页填写学校和本人姓名。",
            "Name the school and yourself on the import page.",
        )
    audit.note(confirmed_at=confirmation.confirmed_at.isoformat())
