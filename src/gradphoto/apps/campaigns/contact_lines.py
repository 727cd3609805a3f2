"""Whom to reach, as papers print it: the liaisons of both sides with telephone, fax, mail and post (R202, R84)."""

from __future__ import annotations

from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.engine.wording import Wording

_SIDES = {
    "school": Wording("校方", "School"),
    "centre": Wording("采集中心", "Collection centre"),
    "agency": Wording("图片社", "Picture agency"),
}
MOST = 4
"""So many stand at the foot of a paper; the campaign's page has them all."""


def contact_lines(campaign: Campaign) -> tuple[Wording, ...]:
    """A line a liaison, the school's first; empty where none is kept."""
    return tuple(_line(one) for one in campaign.contacts.all()[:MOST])


def _line(one: Contact) -> Wording:
    side = _SIDES[one.side]
    numbers = "、".join(filter(None, (one.telephone, one.other_telephone)))
    duty_zh = duty_en = ""
    if one.duty_from and one.duty_to:
        duty_zh = f"手机全天开机 {one.duty_from:%Y-%m-%d} 至 {one.duty_to:%Y-%m-%d}"
        duty_en = f"telephone on all day {one.duty_from} to {one.duty_to}"
    post = f"{one.address} {one.postcode}".strip()
    zh = filter(
        None, (f"{side.zh}联系人：{one.name}", numbers, one.fax and f"传真 {one.fax}", one.email, post, duty_zh)
    )
    en = filter(None, (f"{side.en}: {one.name}", numbers, one.fax and f"fax {one.fax}", one.email, post, duty_en))
    return Wording("　".join(zh), "  ".join(en))
