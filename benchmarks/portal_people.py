"""Made-up graduates in bulk, straight into the tables: as many as a large province has, all with open cases."""

from __future__ import annotations

import io
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone
from PIL import Image

from benchmarks.portal_card import Card
from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome
from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.encryption import EncryptedText, blind_index, encrypt, row_context
from gradphoto.apps.core.models import Blob
from gradphoto.apps.delivery.models import ImageCard, Portrait
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.models import Opening, PortalSession, VerificationCase
from gradphoto.engine.standards.identity import check_digit

_PHOTOS = 200
_BATCH = 20_000
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def pour(like: models.Model, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows that are ``like`` a record but for the named columns: no objects are built, a million takes seconds."""
    model = type(like)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    same = {name: field.get_db_prep_save(getattr(like, name), connection) for name, field in fields.items()}
    values = (
        tuple(
            ready[name] if name in ready else same[name]
            for ready in [{name: fields[name].get_db_prep_save(value, connection) for name, value in row.items()}]
            for name in fields
        )
        for row in rows
    )
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))


class Filler:
    """One school, one campaign that is verifying, and its graduates batch by batch."""

    def __init__(self) -> None:
        school = Organisation.objects.create(kind=OrganisationKind.SCHOOL, name="示范大学", code="99901")
        centre = Organisation.objects.create(kind=OrganisationKind.COLLECTION_CENTRE, name="示范采集中心")
        self._departments = [
            Organisation.objects.create(kind=OrganisationKind.DEPARTMENT, name=f"第{n}学院", parent=school)
            for n in range(40)
        ]
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

    def fill(self, count: int) -> list[Card]:
        """Graduates 1, 2 … ``count`` with everything up to the open case, and one log-in and visit of each behind them."""
        cards: list[Card] = []
        for first in range(1, count + 1, _BATCH):
            with transaction.atomic():
                cards += self._batch(range(first, min(first + _BATCH, count + 1)))
        filled = (Candidate, CheckIn, Frame, Portrait, ImageCard, VerificationCase, AccessAttempt, PortalSession)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), filled):
                cursor.execute(statement)
            cursor.execute("ANALYZE")
        return cards

    def _batch(self, numbers: range) -> list[Card]:
        cards = [
            Card(f"2022{n:07d}", f"测试{chr(0x4E00 + n % 20000)}", "".join(secrets.choice(_ALPHABET) for _ in range(8)))
            for n in numbers
        ]
        pour(self._person(), (self._of_person(n, card) for n, card in zip(numbers, cards, strict=True)))
        stay = CheckIn(
            session=self._session, campaign=self._campaign, method="id_card_swipe", at=self._shot_at,
            status=CheckInStatus.CONFIRMED, nonce=uuid.uuid4(),
        )  # fmt: skip
        pour(stay, ({"id": n, "candidate_id": n, "shooting_number": n, "nonce": uuid.uuid4()} for n in numbers))
        photo = [blob.pk for blob in self._photos]
        # Everybody's own exposure: a photograph that is not its owner's cannot be confirmed. Nobody reads the file.
        pour(Blob(size_bytes=0, media_type="image/jpeg"), ({"name": _exposure(n)} for n in numbers))
        frame = Frame(session=self._session, file_name="x.jpg", status=FrameStatus.ACCEPTED)
        pour(frame, ({"id": n, "check_in_id": n, "blob_id": _exposure(n)} for n in numbers))
        portrait = Portrait(pipeline_version="bench", width_px=480, height_px=640, provenance={})
        pour(
            portrait,
            (
                {
                    "id": n,
                    "candidate_id": n,
                    "check_in_id": n,
                    "frame_id": n,
                    "profile": f"p{n}",
                    "blob_id": photo[n % _PHOTOS],
                }
                for n in numbers
            ),
        )
        pour(
            ImageCard(),
            (
                {
                    "id": n,
                    "candidate_id": n,
                    "code": _sealed(ImageCard, "code", n, card.code),
                    "code_index": blind_index(card.code),
                }
                for n, card in zip(numbers, cards, strict=True)
            ),
        )
        pour(VerificationCase(), ({"id": n, "candidate_id": n, "portrait_id": n} for n in numbers))
        attempt = AccessAttempt(
            entry_point="portal", outcome=AttemptOutcome.SUCCEEDED, address_index=blind_index("campus")
        )
        pour(
            attempt,
            (
                {"id": n, "subject_index": blind_index(f"99901|{card.student_no}")}
                for n, card in zip(numbers, cards, strict=True)
            ),
        )
        session = PortalSession(seen_at=self._shot_at)
        pour(
            session,
            ({"id": n, "candidate_id": n, "key_index": blind_index(f"session {n}"), "card_index": ""} for n in numbers),
        )
        return cards

    def _person(self) -> Candidate:
        return Candidate(
            campaign=self._campaign, season="spring", sex="male", major="计算机科学与技术", level="本科",
            degree_category="本科", school_kind="普通高校", status=CandidateStatus.ACCEPTED,
        )  # fmt: skip

    def _of_person(self, n: int, card: Card) -> dict[str, Any]:
        born = date(2000, 1, 1) + timedelta(days=n // 900)
        first17 = f"990101{born:%Y%m%d}{n % 900 + 100:03d}"
        number = first17 + check_digit(first17)
        return {
            "id": n,
            "department_id": self._departments[n // 40 % len(self._departments)].pk,
            "class_name": f"{n // 40}班",
            "student_no": card.student_no,
            "name": card.name,
            "birth_date": born,
            "id_number": _sealed(Candidate, "id_number", n, number),
            "id_number_index": blind_index(number),
        }


def _exposure(n: int) -> str:
    return f"{n:064x}"


def _sealed(model: type[models.Model], field: str, pk: int, text: str) -> EncryptedText:
    table = model._meta.db_table
    return EncryptedText.sealed_for(table, field, pk, encrypt(text.encode(), row_context(table, field, pk)))


def _photo(n: int) -> Blob:
    out = io.BytesIO()
    Image.effect_noise((480, 640), 12 + n % 40).convert("RGB").save(out, "JPEG", quality=60)
    return blobs.put_photograph(out.getvalue())
