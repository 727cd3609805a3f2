"""What the desk knows of open matters before a campaign takes a step: it reads every room."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from gradphoto.apps.campaigns.matters import Matter, tells_matters
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Hold
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import Package, PackageStatus
from gradphoto.apps.errata.models import CaseStatus as ErrataStatus
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.registration.models import Review, ReviewStatus
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.persons import once_a_person
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.engine.wording import Wording

_SHOT = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
_DONE_ERRATA = (ErrataStatus.FILED, ErrataStatus.REFUSED, ErrataStatus.WITHDRAWN)


def not_photographed(campaign: Campaign) -> int:
    """How many of the approved list have no photograph."""
    people = Candidate.objects.filter(campaign=campaign, status=CandidateStatus.ACCEPTED)
    return once_a_person(people).exclude(check_ins__status__in=_SHOT).count()


@tells_matters("campaigns.start_collecting")
def before_collecting(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Nobody can be photographed who is not on the approved list."""
    everybody = Candidate.objects.filter(campaign=campaign).exclude(
        status__in=(CandidateStatus.REMOVED, CandidateStatus.DEFERRED)
    )
    accepted = everybody.filter(status=CandidateStatus.ACCEPTED)
    listed = f"{reverse('roster:list')}?{urlencode({'campaign': campaign.pk})}"
    yield Matter(
        int(not everybody.exists()),
        Wording("名册还是空的，请先导入", "the roster is empty: import it first"),
        listed,
        True,
    )
    yield Matter(
        everybody.count() - accepted.count(), Wording("{n} 人还没有核准", "{n:person|persons} not accepted yet"), listed
    )
    without_day = int(not CaptureSession.objects.filter(campaign=campaign).exists())
    yield Matter(without_day, Wording("还没有排定场次", "no session is planned yet"), reverse("schedule:list"))


@tells_matters("campaigns.back_to_preparing")
def before_preparing(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Once somebody was photographed the collection stands."""
    shot = CheckIn.objects.filter(campaign=campaign).exclude(status=CheckInStatus.CANCELLED).count()
    yield Matter(shot, Wording("已有 {n} 人登记拍摄", "{n:person was|persons were} checked in"), blocks=True)
    opened = CaptureSession.objects.filter(campaign=campaign, status=SessionStatus.OPEN).count()
    yield Matter(opened, _OPEN_SESSIONS, reverse("capture:list"), blocks=True)


_OPEN_SESSIONS = Wording("{n} 个场次正在进行", "{n:session is|sessions are} open")


@tells_matters("campaigns.open_verification", "campaigns.close_campaign")
def before_the_end(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Who has no photograph yet, what the room left, what was not delivered."""
    missed = f"{reverse('desk:people')}?{urlencode({'campaign': campaign.pk, 'stage': 'not_shot'})}"
    yield Matter(
        not_photographed(campaign), Wording("{n} 人没有拍摄", "{n:person has|persons have} no photograph"), missed
    )
    opened = CaptureSession.objects.filter(campaign=campaign, status=SessionStatus.OPEN).count()
    yield Matter(opened, _OPEN_SESSIONS, reverse("capture:list"))
    holds = Hold.objects.filter(session__campaign=campaign, decision="").count()
    yield Matter(holds, Wording("{n} 人被拦下待裁定", "{n:person is|persons are} held"), reverse("capture:list"))
    alarms = Alarm.objects.filter(session__campaign=campaign, settled_at=None).count()
    yield Matter(alarms, Wording("{n} 个警报未处理", "{n:alarm is|alarms are} open"), reverse("capture:list"))
    unchecked = Package.objects.filter(campaign=campaign).exclude(status=PackageStatus.CHECKED).count()
    yield Matter(
        unchecked, Wording("{n} 个交付包未核对完", "{n:package is|packages are} not checked"), reverse("delivery:list")
    )


@tells_matters("campaigns.back_to_collecting")
def before_collecting_again(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Once a graduate has answered the phase stands."""
    cases = VerificationCase.objects.filter(candidate__campaign=campaign)
    answered = cases.exclude(status__in=(CaseStatus.OPEN, CaseStatus.VIEWED)).count()
    words = Wording("已有 {n} 名毕业生提交了结论", "{n:graduate has|graduates have} answered")
    yield Matter(answered, words, reverse("verification:list"), blocks=True)


@tells_matters("campaigns.close_campaign")
def before_closing(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Who did not verify, which errata are under way, whose review is not through; a session that is open goes first."""
    cases = VerificationCase.objects.filter(candidate__campaign=campaign)
    listed = f"{reverse('verification:list')}?status=unverified"
    unverified = cases.filter(status__in=UNVERIFIED).count()
    yield Matter(
        unverified, Wording("{n} 人还没有确认，将不能再校对", "{n:person has|persons have} not confirmed"), listed
    )
    errata = ErrataCase.objects.filter(campaign=campaign).exclude(status__in=_DONE_ERRATA).count()
    yield Matter(errata, Wording("{n} 件勘误未办结", "{n:erratum is|errata are} under way"), reverse("errata:list"))
    reviews = Review.objects.filter(case__candidate__campaign=campaign)
    waiting = reviews.exclude(status=ReviewStatus.APPROVED).count()
    yield Matter(
        waiting, Wording("{n} 人的审核未完成", "{n:review is|reviews are} not through"), reverse("registration:reviews")
    )
