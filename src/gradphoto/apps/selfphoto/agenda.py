"""What the self-photograph tells of a campaign's plan: its last day, with who has not handed in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import CASES, Asked, Planned, tells
from gradphoto.apps.campaigns.settings_keys import SELF_PHOTO_UNTIL
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.selfphoto.models import PortraitStatus, SelfPortrait
from gradphoto.engine.wording import Wording

_TO_COME = (
    PortraitStatus.INVITED, PortraitStatus.AGREED, PortraitStatus.TRIED, PortraitStatus.WITHDRAWN, PortraitStatus.REJECTED,
)  # fmt: skip


@tells("selfphoto.issue")
def last_day(asked: Asked) -> Iterator[Planned]:
    """The last day, with who has a link and has not handed in yet."""
    rows = scoped(asked.actor, SelfPortrait).filter(status__in=_TO_COME, candidate__campaign__in=asked.campaigns)
    waiting = dict(rows.order_by().values_list("candidate__campaign").annotate(Count("pk")))
    for campaign in asked.campaigns.values():
        rule = asked.rule(campaign, SELF_PHOTO_UNTIL)
        if rule is None:
            continue
        day = SELF_PHOTO_UNTIL.read(rule.value)
        yield Planned(
            key="4.03",
            campaign=campaign,
            day=day,
            title=Wording("手机自助拍摄截止", "Photographing oneself ends"),
            roles=roles_of("selfphoto.issue"),
            url=f"{reverse('selfphoto:list')}?{urlencode({'campaign': campaign.pk})}",
            done=not waiting.get(campaign.pk) and day < asked.today,
            count=waiting.get(campaign.pk, 0),
            unit=CASES,
            source=rule.source,
            setting=SELF_PHOTO_UNTIL.name,
        )
