"""Reads of delivery: which frames still lack outputs, what goes into a package, what a card says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import EXTRA_PROFILES, PHOTO_PROFILE, REVIEW_REQUIRED
from gradphoto.apps.capture.models import Assessment, CheckInStatus, Frame, FrameStatus, Identification
from gradphoto.apps.core.wording import bracketed
from gradphoto.apps.delivery.models import Package, PackageItem, PackageStatus, Portrait
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.review.models import ReviewState
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION


def profile_codes(campaign: Campaign) -> tuple[str, ...]:
    """The campaign's outputs: the registered one first."""
    return (value_of(campaign, PHOTO_PROFILE), *value_of(campaign, EXTRA_PROFILES))


def by_rules(campaigns: Iterable[Campaign]) -> list[list[Campaign]]:
    """The campaigns of each rule set together: what holds for one of them holds for all, and is asked for once."""
    found: dict[int, list[Campaign]] = {}
    for campaign in campaigns:
        found.setdefault(campaign.rule_set_id, []).append(campaign)
    return list(found.values())


def frames_to_make(*campaigns: Campaign) -> QuerySet[Frame]:
    """Accepted frames that lack an output at the present pipeline version, of campaigns of one rule set.

    What is packed has left the house and is not made anew by a later version; only a second programme that came onto the
    list after the portraits were made gets its own.
    """
    codes = profile_codes(campaigns[0])
    # A frame that a repair gave to somebody else (R98) is made anew: its outputs still carry the other's name.
    made = Count(
        "portraits",
        filter=Q(
            portraits__profile__in=codes,
            portraits__pipeline_version=PIPELINE_VERSION,
            portraits__check_in=F("check_in"),
            portraits__candidate=F("check_in__candidate"),
        ),
    )
    present = Portrait.objects.filter(
        candidate=OuterRef("pk"),
        pipeline_version=PIPELINE_VERSION,
        frame__status=FrameStatus.ACCEPTED,
        frame__check_in=F("check_in"),
    )
    others = Candidate.objects.filter(campaign__in=campaigns, same_person__isnull=False, status__in=APPROVED).order_by()
    frames = Frame.objects.filter(
        session__campaign__in=campaigns,
        check_in__status__in=[CheckInStatus.SHOT, CheckInStatus.CONFIRMED],
        status=FrameStatus.ACCEPTED,
    )
    under_way = frames.filter(packed_at=None).alias(made=made).filter(made__lt=len(codes))
    lacks = frames.filter(check_in__candidate__in=others.exclude(Exists(present)).values("same_person"))
    either = Q(pk__in=under_way.order_by().values("pk")) | Q(pk__in=lacks.order_by().values("pk"))
    return Frame.objects.filter(either).order_by("check_in__shooting_number")


def portraits_of(profile: str, *campaigns: Campaign) -> QuerySet[Portrait]:
    """The present outputs in a profile: of accepted frames of check-ins that stand."""
    return Portrait.objects.filter(
        check_in__campaign__in=campaigns,
        profile=profile,
        pipeline_version=PIPELINE_VERSION,
        frame__status=FrameStatus.ACCEPTED,
        frame__check_in=F("check_in"),
        check_in__status__in=[CheckInStatus.SHOT, CheckInStatus.CONFIRMED],
    ).select_related("candidate__department", "check_in", "blob")


def to_pack(*campaigns: Campaign) -> QuerySet[Portrait]:
    """What belongs into a next package of campaigns of one rule set: confirmed on site (R100), not delivered before.

    What the review holds or has not finished stays out, and who was taken off the list (R21).
    """
    portraits = portraits_of(value_of(campaigns[0], PHOTO_PROFILE), *campaigns).filter(
        check_in__status=CheckInStatus.CONFIRMED, package_items=None
    )
    # A frame is packed once; after that only a second programme's own portrait may still have to leave. Both are few
    # among a season's many, and each is found by its index: "or" would read every portrait.
    keys = Portrait.objects.order_by().values("pk")
    fresh = keys.filter(
        frame__status=FrameStatus.ACCEPTED, frame__packed_at=None, frame__session__campaign__in=campaigns
    )
    second = keys.filter(candidate__same_person__isnull=False, candidate__campaign__in=campaigns)
    portraits = portraits.filter(pk__in=fresh.union(second))
    portraits = portraits.exclude(candidate__status=CandidateStatus.REMOVED)
    portraits = portraits.exclude(frame__review__state__in=[ReviewState.HELD, ReviewState.SECOND])
    # A person's own photograph leaves the house only on an acceptance that stands: nobody saw them being photographed.
    reviewed = Q(frame__review__state=ReviewState.ACCEPTED)
    portraits = portraits.filter(~Q(check_in__method=Identification.SELF_PHOTO) | reviewed)
    return portraits.exclude(frame__in=_unreviewed(campaigns))


def deliverable(campaign: Campaign, organisation: Organisation, season: str) -> QuerySet[Portrait]:
    """What belongs into the receiver's next package of this season.

    A learning centre receives its own people; the school all others.
    """
    portraits = to_pack(campaign).filter(candidate__season=season)
    if organisation.kind == OrganisationKind.LEARNING_CENTRE:
        portraits = portraits.filter(candidate__department__path__startswith=organisation.path)
    else:
        portraits = portraits.filter(candidate__department__path__startswith=organisation.path).exclude(
            candidate__department__kind=OrganisationKind.LEARNING_CENTRE
        )
    return portraits.order_by("check_in__shooting_number", "pk")


def _unreviewed(campaigns: Sequence[Campaign]) -> QuerySet[Assessment, Any]:
    """Frames whose verdict the rule set wants accepted by a person first; none where it does not say."""
    rule = in_force(campaigns[0].rule_set, REVIEW_REQUIRED)
    verdicts = REVIEW_REQUIRED.read(rule.value) if rule else ()
    asked = Assessment.objects.filter(current=True, outcome__in=verdicts, frame__check_in__campaign__in=campaigns)
    # Only an acceptance of this very verdict counts: a frame measured again is looked at again.
    return asked.exclude(frame__review__state=ReviewState.ACCEPTED, frame__review__assessment=F("pk")).values("frame")


def people_of(package: Package) -> QuerySet[Candidate]:
    """The people whose portraits are in a package."""
    return Candidate.objects.filter(portraits__package_items__package=package).distinct()


def went_out_with(case: MakeUpCase) -> str:
    """The delivered package with the present photograph of a make-up case, and its day; empty where none went out (R147)."""
    items = PackageItem.objects.filter(
        portrait__check_in=case.check_in_id,
        portrait__frame__status=FrameStatus.ACCEPTED,
        portrait__frame__check_in=F("portrait__check_in"),
        package__status__in=[PackageStatus.DELIVERED, PackageStatus.CHECKED],
        package__delivered_at__isnull=False,
    )
    item = items.select_related("package__campaign").order_by("-package__delivered_at", "-pk").first()
    if item is None or item.package.delivered_at is None:
        return ""
    return bracketed(item.package, f"{timezone.localtime(item.package.delivered_at):%Y-%m-%d}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A package that could be built now."""

    organisation: Organisation
    season: str
    count: int


def waiting(campaigns: Iterable[Campaign]) -> dict[int, list[Waiting]]:
    """For whom and which season something waits to be packed, by campaign; a few questions a rule set."""
    found: dict[int, list[Waiting]] = {}
    for group in by_rules(campaigns):
        schools = {campaign.pk: campaign.school for campaign in group}
        counted: dict[int, dict[tuple[Organisation, str], int]] = {}
        columns = ("check_in__campaign", "candidate__season", "candidate__department")
        rows = list(to_pack(*group).order_by().values_list(*columns).annotate(n=Count("pk")))
        units = Organisation.objects.in_bulk({unit for _, _, unit, _ in rows})
        for campaign, season, unit, number in rows:
            own = units[unit].kind == OrganisationKind.LEARNING_CENTRE
            receiver = units[unit] if own else schools[campaign]
            of_campaign = counted.setdefault(campaign, {})
            of_campaign[receiver, season] = of_campaign.get((receiver, season), 0) + number
        for campaign, numbers in counted.items():
            # The school before its learning centres, spring before autumn.
            in_order = sorted(numbers, key=lambda key: (key[0].path, key[1] != "spring"))
            found[campaign] = [Waiting(*key, numbers[key]) for key in in_order]
    return found


def numbers_to_make(campaigns: Iterable[Campaign]) -> dict[int, int]:
    """How many frames of each campaign lack an output; campaigns that lack none are not named."""
    found: dict[int, int] = {}
    for group in by_rules(campaigns):
        frames = frames_to_make(*group).order_by().values_list("session__campaign")
        found.update(frames.annotate(n=Count("pk")))
    return found


def numbers_made(campaigns: Iterable[Campaign]) -> dict[int, int]:
    """How many present outputs in the registered profile each campaign has."""
    found: dict[int, int] = {}
    for group in by_rules(campaigns):
        made = portraits_of(value_of(group[0], PHOTO_PROFILE), *group).order_by().values_list("check_in__campaign")
        found.update(made.annotate(n=Count("pk")))
    return found


@dataclass(frozen=True, slots=True)
class CardData:
    """What a graduate enters in the portal, as their card shows it."""

    school_code: str
    student_no: str
    name: str
    code: str


def card_data(candidate: Candidate) -> CardData:
    """The data at the lower edge of a candidate's image card (R64)."""
    card = candidate.image_card
    code = card.code.decrypt() if card.code is not None else ""
    return CardData(candidate.campaign.school.code, candidate.student_no, candidate.name, code)
