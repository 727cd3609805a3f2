"""Reads of delivery: which frames still lack outputs, what goes into a package and to whom, what a card says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import EXTRA_PROFILES, PHOTO_PROFILE
from gradphoto.apps.capture.models import CheckInStatus, Frame, FrameStatus
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.delivery.models import Package, PackageItem, PackageStatus, Portrait
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION

STANDING = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
"""Check-ins whose accepted frame counts."""


def profile_codes(campaign: Campaign) -> tuple[str, ...]:
    """The campaign's outputs: the registered one first, none twice."""
    return tuple(dict.fromkeys((value_of(campaign, PHOTO_PROFILE), *value_of(campaign, EXTRA_PROFILES))))


def accepted_frames(campaign: Campaign) -> QuerySet[Frame]:
    """The frame of everyone photographed, in the order of shooting numbers, with ``made``: its outputs so far."""
    present = Q(portraits__profile__in=profile_codes(campaign), portraits__pipeline_version=PIPELINE_VERSION)
    frames = Frame.objects.filter(
        check_in__campaign=campaign, check_in__status__in=STANDING, status=FrameStatus.ACCEPTED
    )
    return frames.annotate(made=Count("portraits", filter=present)).order_by("check_in__shooting_number")


def frames_to_make(campaign: Campaign, check_ins: Collection[int] | None = None) -> QuerySet[Frame]:
    """Accepted frames that lack an output at the present pipeline version; with ``check_ins``, only of these."""
    frames = accepted_frames(campaign).filter(made__lt=len(profile_codes(campaign)))
    return frames if check_ins is None else frames.filter(check_in__in=check_ins)


def missing_profiles(frame: Frame, codes: Collection[str]) -> list[str]:
    """Which of ``codes`` this frame has no output for, in their order."""
    made = set(frame.portraits.filter(pipeline_version=PIPELINE_VERSION).values_list("profile", flat=True))
    return [code for code in codes if code not in made]


def making_jobs(campaign: Campaign) -> QuerySet[Job]:
    """The campaign's portrait jobs, the newest first."""
    return Job.objects.filter(kind="delivery.make_portraits", params__campaign=campaign.pk).order_by("-created_at")


def failures(campaign: Campaign) -> dict[str, list[dict[str, dict[str, str]]]]:
    """Why outputs could not be made, by number label: what the newest job that is over says."""
    job = making_jobs(campaign).filter(state=JobState.DONE).first()
    found: dict[str, list[dict[str, dict[str, str]]]] = {}
    for issue in job.issues.all() if job else ():
        found.setdefault(issue.subject.split()[0], []).append({"message": issue.message, "remedy": issue.remedy})
    return found


def portraits_of(campaign: Campaign, profile: str) -> QuerySet[Portrait]:
    """The present outputs in a profile: of accepted frames of check-ins that stand."""
    return Portrait.objects.filter(
        check_in__campaign=campaign,
        profile=profile,
        pipeline_version=PIPELINE_VERSION,
        frame__status=FrameStatus.ACCEPTED,
        check_in__status__in=STANDING,
    ).select_related("candidate__department", "check_in", "blob")


def _undelivered(campaign: Campaign) -> QuerySet[Portrait]:
    """Registered-profile portraits confirmed on site (R100) whose frame was in no package.

    It is the frame that counts: a newer pipeline version does not deliver the same photograph again, a reshoot does.
    """
    packed = PackageItem.objects.filter(portrait__frame=OuterRef("frame"))
    portraits = portraits_of(campaign, value_of(campaign, PHOTO_PROFILE))
    return portraits.filter(~Exists(packed), check_in__status=CheckInStatus.CONFIRMED)


def _receivers(school: Organisation) -> dict[int, Organisation]:
    """Who receives the photographs of each unit of a school: its learning centre, or else the school itself."""
    receivers: dict[int, Organisation] = {}
    for unit in Organisation.objects.filter(path__startswith=school.path).order_by("path"):
        above = receivers.get(unit.parent_id or 0, school)
        receivers[unit.pk] = unit if unit.kind == OrganisationKind.LEARNING_CENTRE else above
    return receivers


def is_receiver(campaign: Campaign, organisation: Organisation) -> bool:
    """Whether packages of this campaign may go to the organisation: the school, or one of its learning centres."""
    return _receivers(campaign.school).get(organisation.pk) == organisation


def deliverable(campaign: Campaign, organisation: Organisation, season: str) -> QuerySet[Portrait]:
    """What belongs into the receiver's next package of this season (R12), in the order of shooting numbers.

    A learning centre receives its own people; the school all others.
    """
    units = [unit for unit, receiver in _receivers(campaign.school).items() if receiver == organisation]
    portraits = _undelivered(campaign).filter(candidate__season=season, candidate__department__in=units)
    return portraits.order_by("check_in__shooting_number")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A package that could be built now."""

    organisation: Organisation
    season: str
    count: int


def waiting(campaign: Campaign) -> list[Waiting]:
    """For whom and which season something waits to be packed; what is being packed now does not wait."""
    counted = _undelivered(campaign).order_by().values_list("candidate__department", "candidate__season")
    rows = list(counted.annotate(n=Count("pk")))
    if not rows:
        return []
    receivers = _receivers(campaign.school)
    making = set(campaign.packages.filter(status=PackageStatus.MAKING).values_list("organisation", "season"))
    counts: Counter[tuple[Organisation, str]] = Counter()
    for unit, season, count in rows:
        # A candidate of a unit that left the tree goes to the school.
        counts[receivers.get(unit, campaign.school), season] += count
    ordered = sorted(counts.items(), key=lambda item: (item[0][0].path, item[0][1] != "spring"))
    return [
        Waiting(organisation, season, count)
        for (organisation, season), count in ordered
        if (organisation.pk, season) not in making
    ]


def people_of(package: Package) -> QuerySet[Candidate]:
    """The people whose portraits are in a package."""
    return Candidate.objects.filter(portraits__package_items__package=package).distinct()


@dataclass(frozen=True, slots=True)
class CardData:
    """What a graduate enters in the portal, as his card shows it."""

    school_code: str
    student_no: str
    name: str
    code: str


def card_data(candidate: Candidate) -> CardData:
    """The data at the lower edge of a candidate's image card (R64)."""
    card = candidate.image_card
    return CardData(candidate.campaign.school.code, candidate.student_no, candidate.name, card.code.reveal())
