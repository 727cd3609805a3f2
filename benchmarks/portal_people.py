"""Made-up graduates in bulk, straight into the tables: as many as a large province has, all with open cases."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.utils import timezone
from PIL import Image

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.delivery.models import ImageCard, Portrait
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.models import Opening, VerificationCase
from gradphoto.engine.standards.identity import check_digit

_PHOTOS = 200


class Filler:
    """One school, one campaign that is verifying, and its graduates batch by batch."""

    def __init__(self) -> None:
        school = Organisation.objects.create(kind=OrganisationKind.SCHOOL, name="示范大学", code="99901")
        centre = Organisation.objects.create(kind=OrganisationKind.COLLECTION_CENTRE, name="示范采集中心")
        self._department = Organisation.objects.create(
            kind=OrganisationKind.DEPARTMENT, name="计算机学院", parent=school
        )
        rule_set = RuleSet.objects.create(name="bench")
        for key, value in ((keys.PHOTO_PROFILE, "mb2017_99"), (keys.TEST_REGIONS, ["990101"])):
            Rule.objects.create(
                rule_set=rule_set, key=key.name, value=value, source="bench", effective_from=date(2020, 1, 1)
            )
        self._campaign = Campaign.objects.create(
            cohort_year=2026, title="2026届", school=school, centre=centre, rule_set=rule_set, status="verifying"
        )
        self._shot_at = timezone.now() - timedelta(days=60)
        self._session = CaptureSession.objects.create(
            campaign=self._campaign, date=self._shot_at.date(), place="体育馆", status="closed"
        )
        Opening.objects.create(campaign=self._campaign, season="spring", since=timezone.localdate())
        self._photos = [_photo(n) for n in range(_PHOTOS)]

    def add(self, first: int, codes: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Add graduates ``first``, ``first + 1`` … with these card codes; yields (student number, name, code)."""
        people = Candidate.objects.bulk_create([self._person(first + n) for n in range(len(codes))])
        stays = CheckIn.objects.bulk_create(
            [
                CheckIn(
                    session=self._session, campaign=self._campaign, candidate=person, shooting_number=first + n + 1,
                    method="id_card_swipe", at=self._shot_at, status=CheckInStatus.CONFIRMED, nonce=uuid.uuid4(),
                )
                for n, person in enumerate(people)
            ]
        )  # fmt: skip
        frame = self._frame(stays[0])
        portraits = Portrait.objects.bulk_create(
            [
                Portrait(
                    candidate=person, check_in=stay, frame=frame, profile=f"p{stay.shooting_number}",
                    pipeline_version="bench", blob=self._photos[stay.shooting_number % _PHOTOS], width_px=480,
                    height_px=640, provenance={},
                )
                for person, stay in zip(people, stays, strict=True)
            ]
        )  # fmt: skip
        ImageCard.objects.bulk_create(
            [
                ImageCard(candidate=p, code=code, code_index=blind_index(code))
                for p, code in zip(people, codes, strict=True)
            ]
        )
        VerificationCase.objects.bulk_create(
            [VerificationCase(candidate=p, portrait=t) for p, t in zip(people, portraits, strict=True)]
        )
        for person, code in zip(people, codes, strict=True):
            yield person.student_no, person.name, code

    def _frame(self, stay: CheckIn) -> Frame:
        blob = blobs.put(f"frame {stay.shooting_number}".encode(), "image/jpeg")
        return Frame.objects.create(
            session=self._session, blob=blob, check_in=stay, file_name="x.jpg", status=FrameStatus.ACCEPTED
        )

    def _person(self, n: int) -> Candidate:
        born = date(2002, 1, 1) + timedelta(days=n // 900)
        first17 = f"990101{born:%Y%m%d}{n % 900 + 100:03d}"
        number = first17 + check_digit(first17)
        return Candidate(
            campaign=self._campaign, department=self._department, season="spring", class_name=f"{n // 40}班",
            student_no=f"2022{n:07d}", name=f"测试{chr(0x4E00 + n % 20000)}", sex="male", birth_date=born,
            id_number=number, id_number_index=blind_index(number), major="计算机科学与技术", level="本科",
            degree_category="本科", school_kind="普通高校", status=CandidateStatus.ACCEPTED,
        )  # fmt: skip


def _photo(n: int) -> Blob:
    out = io.BytesIO()
    Image.effect_noise((480, 640), 12 + n % 40).convert("RGB").save(out, "JPEG", quality=60)
    return blobs.put(out.getvalue(), "image/jpeg")
