"""The steps of a campaign as a person meets them: what each does, who may take it back, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.engine.wording import Wording

REOPEN_DAYS = 7
"""So long after its end a campaign can be opened again; after that the ledger alone is corrected."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step with everything that its page says. ``reason``: one is typed, as the step ends or takes back something."""

    name: str
    title: Wording
    does: Wording
    undo: Wording
    reason: bool = False
    backward: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "campaigns.start_collecting",
            Wording("进入采集阶段", "Begin the collection"),
            Wording(
                "从这一步起可以开始场次、刷证拍摄；请先备好名册和时间表。",
                "From then on sessions are opened and people photographed; have roster and timetable ready first.",
            ),
            Wording(
                "还没有任何人登记拍摄时，教务处可以退回准备阶段。",
                "As long as nobody was checked in, the registry can go back to preparing.",
            ),
        ),
        Step(
            "campaigns.back_to_preparing",
            Wording("退回准备阶段", "Back to preparing"),
            Wording(
                "场次不能再开始，直到再次进入采集阶段。", "No session can be opened until the collection begins anew."
            ),
            Wording("教务处可以随时再次进入采集阶段。", "The registry can begin the collection again at any time."),
            reason=True,
            backward=True,
        ),
        Step(
            "campaigns.open_verification",
            Wording("进入校对阶段", "Begin the verification phase"),
            Wording(
                "照片已交付：毕业生可以登录校对页面。之后还要在“本人校对”中为各季毕业生“开放校对”。补拍照常进行。",
                "The photographs are delivered: graduates may sign in. Verification is then opened season by season "
                "under Verification. Make-up goes on.",
            ),
            Wording(
                "还没有毕业生提交校对结论时，教务处可以退回采集阶段。",
                "As long as no graduate has answered, the registry can go back to the collection.",
            ),
        ),
        Step(
            "campaigns.back_to_collecting",
            Wording("退回采集阶段", "Back to the collection"),
            Wording(
                "毕业生暂时不能登录校对，直到再次进入校对阶段。",
                "Graduates cannot sign in until the phase begins anew.",
            ),
            Wording("教务处可以随时再次进入校对阶段。", "The registry can begin the phase again at any time."),
            reason=True,
            backward=True,
        ),
        Step(
            "campaigns.close_campaign",
            Wording("结束批次", "End the campaign"),
            Wording(
                "不再拍摄、补拍，不再校对；未确认的毕业生注册时没有图像。",
                "Nobody is photographed or verifies any more; who did not confirm is registered without a photograph.",
            ),
            Wording(
                f"教务处可以在 {REOPEN_DAYS} 天内重新打开；之后不能撤销。",
                f"The registry can open it again within {REOPEN_DAYS} days; after that it stands.",
            ),
            reason=True,
        ),
        Step(
            "campaigns.reopen_campaign",
            Wording("重新打开批次", "Open the campaign again"),
            Wording(
                "回到校对阶段。已经登记为“无图像”的条目不会改变，只能通过更正渠道补登。",
                "Back to the verification phase. Entries without a photograph stay; they are corrected only.",
            ),
            Wording("教务处可以再次结束批次。", "The registry can end the campaign again."),
            reason=True,
            backward=True,
        ),
    )
}


def reopen_until(campaign: Campaign) -> datetime | None:
    """Until when an ended campaign can be opened again; None for one that is not ended."""
    if campaign.status != CampaignStatus.CLOSED or campaign.status_since is None:
        return None
    return campaign.status_since + timedelta(days=REOPEN_DAYS)


def require_reopenable(campaign: Campaign) -> None:
    """Raises ``campaigns.reopen_too_late``."""
    until = reopen_until(campaign)
    if until is None or until < timezone.now():
        raise refuse(
            "campaigns.reopen_too_late",
            f"批次结束已超过 {REOPEN_DAYS} 天，不能重新打开。",
            f"The campaign ended more than {REOPEN_DAYS} days ago and cannot be opened again.",
            "请通过勘误或注册更正办理；需要继续拍摄的，请建立新的批次。",
            "Use errata or a correction of the ledger; to photograph more people, make a new campaign.",
        )


class CampaignNotRunning(Refusal):
    """The room is asked to work for a campaign that has not begun or is over."""

    def __init__(self, campaign: Campaign) -> None:
        over = campaign.status == CampaignStatus.CLOSED
        super().__init__(
            "campaigns.over" if over else "campaigns.not_begun",
            Wording("本批次已经结束，不能再拍摄。", "This campaign has ended; nobody is photographed any more.")
            if over
            else Wording("本批次还在准备阶段，不能拍摄。", "This campaign is still being prepared."),
            Wording(
                f"教务处可在结束后 {REOPEN_DAYS} 天内重新打开批次。",
                f"Within {REOPEN_DAYS} days of its end the registry can open it again.",
            )
            if over
            else Wording(
                "请教务处先在批次页面点“进入采集阶段”。", "The registry first begins the collection on its page."
            ),
        )
        self.link = (f"/campaigns/{campaign.pk}/", Wording("打开批次", "Open the campaign"))


def require_running(campaign: Campaign) -> None:
    """People are photographed from the beginning of the collection until the campaign ends.

    Raises ``campaigns.not_begun`` or ``campaigns.over``.
    """
    if campaign.status not in (CampaignStatus.COLLECTING, CampaignStatus.VERIFYING):
        raise CampaignNotRunning(campaign)
