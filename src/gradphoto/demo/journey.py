"""The whole journey on made-up people, with the real parts: reader bytes over a PTY, JPEGs in a hot folder, signed zips.

Every step is taken through the same actions, and the graduates' part through the same pages, as in real life.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import sleep

from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from gradphoto.apps.campaigns.actions import open_verification, start_collecting
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.capture.actions import close_session, confirm_check_in, count_session, decide_hold, open_session
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.capture.queries import missed
from gradphoto.apps.capture.room_state import ClockWatch
from gradphoto.apps.capture.verdicts import pipeline
from gradphoto.apps.core import audit_proof, blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job
from gradphoto.apps.delivery.actions import build_package, check_package, deliver_package, make_portraits
from gradphoto.apps.delivery.models import Package, Portrait
from gradphoto.apps.delivery.queries import CardData, card_data
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.registration import bulk
from gradphoto.apps.registration.actions import export_ledger
from gradphoto.apps.registration.models import LedgerEntry, Review, ReviewStatus
from gradphoto.apps.roster.bulk import advance_candidates
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.imports.apply import accept_all
from gradphoto.apps.roster.imports.map import import_roster
from gradphoto.apps.roster.models import Candidate, CandidateStatus, MilestoneKind, RosterImport
from gradphoto.apps.roster.plan import set_milestone
from gradphoto.apps.roster.signed_tables import attach_table
from gradphoto.apps.roster.signing_codes import issue_signing_codes
from gradphoto.apps.schedule.actions import SessionBlock, make_timetable
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.runner import EventKind, StationEvent, StationRunner
from gradphoto.apps.verification.actions import open_cases
from gradphoto.apps.verification.models import CaseStatus, Opening, VerificationCase
from gradphoto.demo.errors import report_errors
from gradphoto.demo.fast_clock import FastClock, photographed_code
from gradphoto.demo.money import Fees
from gradphoto.demo.people import make_roster, write_roster_xlsx
from gradphoto.demo.setting import DEPARTMENTS, Setting, make_setting
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.protocols import IdReader
from gradphoto.engine.devices.sam_v.reader import open_serial
from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex
from gradphoto.engine.devices.sam_v.simulator import SimulatedReader
from gradphoto.engine.packet import verify_package
from gradphoto.engine.standards.identity import check_digit
from gradphoto.engine.standards.profiles import load_profile

_PERSON_S = 24.0
"""R79: 150 persons an hour."""
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}
_MISSING, _STRANGER, _EYES_CLOSED, _NO_FACE = 4, 7, 11, 17
"""Places in the queue: one does not come, one is not on the list, two need a second frame."""
_DATES = {
    MilestoneKind.CARDS_OUT: -14,
    MilestoneKind.CHECKED: -7,
    MilestoneKind.ERRORS_PROVEN: -3,
    MilestoneKind.DATA_IN: -1,
    MilestoneKind.SHOOTING: 0,
    MilestoneKind.VERIFICATION: 40,
    MilestoneKind.ERRATA: 60,
    MilestoneKind.REVIEWED: 75,
    MilestoneKind.REGISTERED: 90,
}
"""The campaign's plan in days from today (R41)."""
_FRAME_WAIT = timedelta(seconds=30)
_LONGEST_SESSION = timedelta(hours=2)


def shooting_day(now: datetime) -> date:
    """The shooting is told as if it had just ended: soon after midnight it was yesterday's."""
    return timezone.localdate(now - _LONGEST_SESSION)


@dataclass(slots=True)
class Journey:
    """The steps in order. ``tell`` prints a line, ``finish`` waits until a background job is over."""

    password: str
    tell: Callable[[str], None]
    finish: Callable[[Job], None]
    most_people: int | None = None
    setting: Setting = field(init=False)
    events: list[StationEvent] = field(default_factory=list)
    clock: FastClock = field(default_factory=FastClock)

    def run(self) -> None:
        """From nothing to the ledger."""
        for step in (
            self.set_up, self.import_roster, self.check_roster, self.plan, self.pay, self.shoot,
            self.confirm_on_site,
            self.make_portraits, self.deliver, self.verify_by_graduates, self.report_errors,
            self.review, self.register,
        ):  # fmt: skip
            step()

    def set_up(self) -> None:
        """Step 1: organisations, people, campaign, rule set."""
        self.setting = make_setting(self.password)
        self.tell(f"1 建立批次 campaign: {self.setting.campaign.title}, {len(DEPARTMENTS)} units, rules with sources")

    def import_roster(self) -> RosterImport:
        """Step 2: the registrar hands in a roster with planted faults."""
        registrar, campaign = self.setting.actor(Role.REGISTRAR), self.setting.campaign
        confirm_channel(registrar, campaign, school=self.setting.school.name, teacher=registrar.user.display_name)
        data = write_roster_xlsx(make_roster(DEPARTMENTS), "示范大学2026届预计毕业生名册")
        made = import_roster(
            registrar,
            campaign,
            organisation=self.setting.school,
            file_name="2026届名册.xlsx",
            data=data,
        )
        assert made.job is not None
        self.finish(made.job)
        made.refresh_from_db()
        accept_all(registrar, made)
        assert made.job is not None
        self.finish(made.job)
        made.refresh_from_db()
        self.tell(f"2 导入名册 roster: {made.row_count} rows, {made.good_count} good, {made.bad_count} bad")
        for finding in made.findings.all():
            self.tell(f"    第{finding.row}行 {finding.column_title}: {finding.reason['zh']}{finding.remedy['zh']}")
        return made

    def check_roster(self) -> None:
        """The sign chain of the check table (R38); a few rows of one college are left to do."""
        self._set_dates()
        people = Candidate.objects.filter(campaign=self.setting.campaign).order_by("student_no")
        for name, department in self.setting.departments.items():
            own = people.filter(department=department)
            late = [person.pk for person in own][-6:] if name == "外语学院" else []
            officer, ready = self.setting.officer(name), own.exclude(pk__in=late)
            advance_candidates(officer, action_name="roster.check_candidate", candidates=list(ready))
            if name == "计算机学院":
                self._sign_by_phone(officer, list(ready[:2]))
            if late:
                self._sign_by_table(officer, department, list(ready.filter(class_name="英语2201")))
                self._report_by_phone(officer, own.get(pk=late[0]))
            for who, step, state in (
                (officer, "roster.sign_candidate", CandidateStatus.CHECKED),
                (self.setting.counsellor(name), "roster.countersign_candidate", CandidateStatus.SIGNED),
                (self.setting.leader(name), "roster.endorse_candidate", CandidateStatus.COUNTERSIGNED),
            ):
                advance_candidates(who, action_name=step, candidates=list(ready.filter(status=state)))
        registrar = self.setting.actor(Role.REGISTRAR)
        signed = people.filter(status=CandidateStatus.ENDORSED)
        result = advance_candidates(registrar, action_name="roster.accept_candidate", candidates=list(signed))
        self.tell(f"  核对签名核准 checked, signed, accepted: {result.done}")

    def _set_dates(self) -> None:
        registrar, today = self.setting.actor(Role.REGISTRAR), timezone.localdate()
        for kind, days in _DATES.items():
            due = today + timedelta(days=days)
            set_milestone(registrar, self.setting.campaign, kind=kind, due=due, source="本演示：学校自定")

    def _sign_by_phone(self, officer: Actor, people: list[Candidate]) -> None:
        """Students open their own page with the code from the slip, look through their data, and sign."""
        for person in people:
            self._own_page(officer, person).post("/sign/row/", {"own": "yes", "typed_name": person.name})

    def _report_by_phone(self, officer: Actor, person: Candidate) -> None:
        """A student finds an error; the college sees it on its page of corrections."""
        phone = self._own_page(officer, person)
        phone.post("/sign/report/", {"field": "native_place", "value": "湖南省岳阳市", "note": "户口已迁移"})

    def _own_page(self, officer: Actor, person: Candidate) -> Client:
        wanted = Candidate.objects.filter(pk=person.pk)
        (slip,) = issue_signing_codes(officer, self.setting.campaign, candidates=wanted)
        phone = Client(SERVER_NAME="127.0.0.1")
        phone.post("/sign/", {"code": slip.code, "student_no": person.student_no})
        phone.get("/sign/row/")
        return phone

    def _sign_by_table(self, officer: Actor, department: Organisation, people: list[Candidate]) -> None:
        """One class signs on paper; the scan of its signed and stamped check table moves its rows on (R71)."""
        table = attach_table(
            officer,
            department,
            campaign=self.setting.campaign,
            season=Season.SPRING,
            class_name=people[0].class_name,
            scan=_scan(),
            media_type="image/jpeg",
            counsellor_name="外语学院辅导员",
            leader_name="外语学院院领导",
            seal="外语学院公章（演示）",
            signed_on=timezone.localdate(),
        )
        advance_candidates(officer, action_name="roster.endorse_by_table", candidates=people, table=table.pk)

    def plan(self) -> None:
        """Step 3: the timetable; the first session is of the last hours, the second is left to try."""
        registrar = self.setting.actor(Role.REGISTRAR)
        start_collecting(registrar, self.setting.campaign)
        today = timezone.localdate()
        shot = shooting_day(timezone.now())
        blocks = [
            # A stretch of its own for the autumn graduates: they never share one with spring (R12).
            SessionBlock(shot, "至善楼104", time(8, 30), time(8, 45)),
            SessionBlock(shot, "至善楼104", time(8, 50), time(9, 50)),
            SessionBlock(today + timedelta(days=1), "至善楼104", time(8, 30), time(9, 10)),
        ]
        result = make_timetable(registrar, self.setting.campaign, blocks=blocks)
        self.tell(f"3 时间表 timetable: {result.people} persons, {result.slots} slots, {result.sessions} sessions")

    def pay(self) -> None:
        """The fees: a college in advance, a learning centre by remittance, a class for its group photograph."""
        Fees(self.setting, self.tell).run()

    def shoot(self) -> None:
        """Step 4: a capture session with a simulated reader and camera; every check-in gets its frame."""
        photographer = self.setting.actor(Role.PHOTOGRAPHER)
        session = CaptureSession.objects.filter(campaign=self.setting.campaign).order_by("date").first()
        assert session is not None
        queue = list(missed(session))[: self.most_people]
        # As if it had happened in the last hour or two: the clock of the room skips the waiting.
        self.clock = FastClock(-timedelta(seconds=_PERSON_S * (len(queue) + 3)))
        with (
            tempfile.TemporaryDirectory() as folder,
            room(Path(folder)) as (reader, port, camera, frames),
            self.clock.running(),
        ):
            runner = StationRunner(
                photographer, session, port, frames, pipeline(), load_profile("mb2017_99"), self.events.append,
                watch=ClockWatch(self.clock.monotonic),
            )  # fmt: skip
            self._measure_clock(runner, camera)
            open_session(photographer, session)
            for place, candidate in enumerate(queue):
                if place == _STRANGER:
                    self._swipe(runner, reader, stranger())
                    # Else whoever is called next would be asked about: the stranger may have sat down all the same.
                    [hold] = session.holds.filter(decided_at=None)
                    decide_hold(photographer, hold, admit=False, reason="不在本场名单，请到教务处查询")
                if place != _MISSING:
                    self._photograph(runner, reader, camera, candidate, place)
                if place % 20 == 19 or place == len(queue) - 1:
                    self.tell(f"  … {place + 1}/{len(queue)} 刷卡 swipes")
        count = count_session(session)
        held = [event for event in self.events if event.kind is EventKind.HELD]
        again = [event for event in self.events if event.kind is EventKind.RETAKE]
        self.tell(f"4 采集 capture: {count.photographed} photographed, {count.missed} missed, {len(held)} held")
        for event in held + again:
            number = event.check_in.number_label if event.check_in else "—"
            self.tell(f"    {number} {event.sentence.zh} {event.sentence.en}")

    def _measure_clock(self, runner: StationRunner, camera: SimulatedCamera) -> None:
        """The camera photographs the clock code on the screen; then it is known when each frame was taken."""
        now = timezone.now()
        camera.shoot(photographed_code(runner.session.pk, now), now + timedelta(seconds=0.2))
        while not runner.session.clocks.exists():
            self.clock.skip(0.4)
            runner.prepare()
        self.events.clear()

    def _swipe(self, runner: StationRunner, reader: SimulatedReader, card: CardRecord) -> None:
        seen = len(self.events)
        reader.insert(card)
        runner.step(card_wait_s=5.0)
        self.clock.skip(_PERSON_S / 2)
        if len(self.events) == seen:
            raise TimeoutError("the reader did not read the card")
        reader.lift()
        # The reader must see the empty field before it takes the next card: one swipe, one event.
        runner.step(card_wait_s=0.01)

    def _photograph(
        self, runner: StationRunner, reader: SimulatedReader, camera: SimulatedCamera, candidate: Candidate, place: int
    ) -> None:
        self._swipe(runner, reader, card_of(candidate))
        sitters = good_sitters()
        pictures = [sitters[place % len(sitters)]]
        if place in (_EYES_CLOSED, _NO_FACE):
            pictures.insert(0, "defect_closed_eyes_1" if place == _EYES_CLOSED else "defect_no_face")
        for name in pictures:
            seen = len(self.events)
            self.clock.skip(_PERSON_S / 2)
            camera.shoot(picture(name), timezone.now())
            deadline = timezone.now() + _FRAME_WAIT
            while len(self.events) == seen:
                runner.step()
                sleep(0.02)
                if timezone.now() > deadline:
                    raise TimeoutError(f"frame of {candidate.student_no} did not arrive")

    def confirm_on_site(self) -> None:
        """The checker confirms all but the last three, which await them on their page; the session is closed."""
        checker = self.setting.actor(Role.SITE_STAFF)
        shot = list(self.setting.campaign.check_ins.filter(status=CheckInStatus.SHOT))
        for check_in in shot[:-3]:
            confirm_check_in(checker, check_in)
        session = shot[0].session
        close_session(checker, session)
        self.tell(f"  现场确认 confirmed on site: {max(0, len(shot) - 3)}, awaiting: {min(3, len(shot))}")

    def make_portraits(self) -> None:
        """Step 5: three outputs of every accepted frame, each with its own crop."""
        job = make_portraits(self.setting.actor(Role.COLLECTION_CENTRE), self.setting.campaign)
        self.finish(job)
        sizes = sorted(set(Portrait.objects.values_list("profile", "width_px", "height_px")))
        shown = ", ".join(f"{profile} {width}x{height}" for profile, width, height in sizes)
        self.tell(f"5 制作照片 portraits: {Portrait.objects.count()} files ({shown})")

    def deliver(self) -> None:
        """Step 6: one signed package for the school (spring) and one for the learning centre (autumn)."""
        centre, campaign = self.setting.actor(Role.COLLECTION_CENTRE), self.setting.campaign
        learning_centre = self.setting.departments["江城学习中心"]
        for organisation, season in ((self.setting.school, Season.SPRING), (learning_centre, Season.AUTUMN)):
            package = build_package(centre, campaign, organisation=organisation, season=season)
            assert package.job is not None
            self.finish(package.job)
            package = Package.objects.get(pk=package.pk)
            assert package.blob is not None
            report = verify_package(io.BytesIO(blobs.read(package.blob)))
            state = "签名与校验正确 verified" if report.ok else f"!! {report.problems}"
            self.tell(f"6 交付包 package {package}: {organisation.name}, {report.photo_count} photos, {state}")
            deliver_package(centre, package)
            if organisation == learning_centre:
                check_package(self.setting.officer("江城学习中心"), package, note="逐一核对，齐全")

    def verify_by_graduates(self) -> None:
        """Step 7: graduates go through the portal's own pages; one corrects, one disputes, some do not come."""
        registrar, campaign = self.setting.actor(Role.REGISTRAR), self.setting.campaign
        open_verification(registrar, campaign)
        # The demo shows on one day what takes 40 days in life: opened early, with the reason on record.
        opened = open_cases(registrar, campaign, early_reason="演示：缩短周期")
        cases = list(VerificationCase.objects.filter(candidate__campaign=campaign).select_related("candidate"))
        comers = [case for place, case in enumerate(cases) if place % 4 != 3]
        for place, case in enumerate(comers):
            phone = Client(SERVER_NAME="127.0.0.1")
            _sign_in(phone, card_data(case.candidate))
            phone.get("/verify/compare/")
            if place == 1:
                phone.post("/verify/correct/", {"wrong": ["major"], "value_major": f"{case.candidate.major}（师范）"})
                phone.get("/verify/result/")
            if place == 2:
                phone.post("/verify/dispute/", {"reason": "blurred", "words": "照片不清楚"})
                continue
            phone.post("/verify/confirm/", {"own": "yes", "shown": _shown_on(phone.get("/verify/compare/"))})
        confirmed = VerificationCase.objects.filter(status=CaseStatus.CONFIRMED).count()
        self.tell(f"7 本人校对 verification: {opened} opened, {confirmed} confirmed by the graduates themselves")

    def report_errors(self) -> None:
        """What is wrong is told to whoever corrects it."""
        report_errors(self.setting, self.tell)

    def review(self) -> None:
        """The chain: centre or college applies, head office approves, national centre approves; some are left to do."""
        campaign = self.setting.campaign
        ready = VerificationCase.objects.filter(status=CaseStatus.CONFIRMED).select_related("candidate")
        for name in self.setting.departments:
            mine = list(ready.filter(candidate__department__name=name))
            mine = mine[:-2] if name == "计算机学院" else mine
            bulk.apply_confirmed(self.setting.officer(name), campaign, cases=mine)
        for role, step, status in (
            (Role.HEAD_OFFICE, "registration.approve_at_head_office", ReviewStatus.APPLIED),
            (Role.NATIONAL_REVIEWER, "registration.approve_nationally", ReviewStatus.HEAD_APPROVED),
        ):
            reviews = list(Review.objects.filter(status=status).order_by("pk"))
            result = bulk.advance_reviews(self.setting.actor(role), campaign, action_name=step, reviews=reviews[:-2])
            self.tell(f"  审核 review {step.split('.')[1]}: {result.done}, refused {len(result.refused)}")

    def register(self) -> None:
        """Step 8: the autumn campaign is closed; whoever did not verify is registered without a photograph."""
        campaign = self.setting.campaign
        # The demo shows on one day what takes weeks: the published day of the autumn season lies behind it.
        yesterday = timezone.localdate() - timedelta(days=1)
        Opening.objects.filter(campaign=campaign, season=Season.AUTUMN).update(since=yesterday, closes_on=yesterday)
        bulk.register_unverified(self.setting.actor(Role.REGISTRAR), campaign, season=Season.AUTUMN)
        counts = {kind: LedgerEntry.objects.filter(kind=kind).count() for kind in ("with_photo", "without_photo")}
        export = export_ledger(self.setting.actor(Role.REGISTRAR), campaign)
        assert export.job is not None
        self.finish(export.job)
        self.tell(
            f"8 注册台账 ledger: {counts['with_photo']} with photo, {counts['without_photo']} without; xlsx ready"
        )
        reports = audit_proof.verify()
        whole = all(report.whole for report in reports)
        entries = sum(report.entries for report in reports)
        self.tell(
            f"  审计链 audit: {entries} entries in {len(reports)} chains, {'完整 whole' if whole else '!! broken'}"
        )


@contextmanager
def room(folder: Path) -> Iterator[tuple[SimulatedReader, IdReader, SimulatedCamera, HotFolder]]:
    with SimulatedReader() as reader, open_serial(reader.port_name) as port:
        yield reader, port, SimulatedCamera(folder), HotFolder(folder, settle_s=0.05)


def _scan() -> bytes:
    """A page as a scanner gives it: ruled lines and a round stamp."""
    page = Image.new("RGB", (620, 877), "white")
    draw = ImageDraw.Draw(page)
    for line in range(120, 720, 40):
        draw.line((60, line, 560, line), fill="black")
    draw.ellipse((380, 690, 520, 830), outline="red", width=4)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()


def card_of(candidate: Candidate) -> CardRecord:
    return CardRecord(
        kind=CardKind.RESIDENT,
        name=candidate.name,
        id_number=candidate.id_number.decrypt(),
        birth_date=candidate.birth_date,
        sex=_SEXES[candidate.sex],
        valid_from=date(2020, 1, 1),
        valid_to=date(2030, 1, 1),
        ethnic="01",
        address="演示省演示市演示路1号",
        issuer="演示市公安局",
    )


def stranger() -> CardRecord:
    first17 = "99010120010101901"
    return CardRecord(
        kind=CardKind.RESIDENT,
        name="名单外",
        id_number=first17 + check_digit(first17),
        birth_date=date(2001, 1, 1),
        sex=Sex.MALE,
        valid_from=date(2020, 1, 1),
        valid_to=date(2030, 1, 1),
        ethnic="01",
        address="演示省演示市演示路2号",
        issuer="演示市公安局",
    )


def _sign_in(phone: Client, card: CardData) -> None:
    entered = {"school_code": card.school_code, "student_no": card.student_no, "name": card.name, "code": card.code}
    phone.post("/verify/sign-in/", entered)


def _shown_on(page: HttpResponseBase) -> str:
    """The fingerprint of what a comparing page shows; empty where there is no such page any more."""
    found = re.search(r'name="shown"\s+value="([0-9a-f]{64})"', getattr(page, "content", b"").decode())
    return found[1] if found else ""
