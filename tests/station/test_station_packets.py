"""Out with a kit, back with packets: real laptops, real files, and a centre that loses nothing and takes nothing twice."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import storages
from django.utils import timezone
from laptops import PASSPHRASE, Laptop, command, open_laptop
from station_people import card_of, jpeg

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import verdicts
from gradphoto.apps.capture.actions import accept_frame, check_in, receive_frame
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Hold, Identification, RoomNotice
from gradphoto.apps.capture.room.notices import cards_in_vain
from gradphoto.apps.core import audit_proof, blobs
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.makeup.booking import book_by_telephone
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.makeup.tokens import personal_token
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.face_consent import withdraw_consent
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.apps.stations.conflicts import decide_conflict
from gradphoto.apps.stations.intake import IntakeReport, take_in_folder
from gradphoto.apps.stations.kits import make_kit, revoke_kit
from gradphoto.apps.stations.models import Conflict, PacketIntake, StationKit, StationRecord
from gradphoto.apps.stations.receipts import receipts_of
from gradphoto.engine.packet.box import load_laptop_public, raw_public
from gradphoto.engine.packet.envelope import Receiver
from gradphoto.site.keys import publish_public_keys
from makeup.makeup_world import filled, recipient
from world import World, add_candidate, build_world, put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE = 6


class Centre:
    """The collection centre of these tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world: World = build_world()
        self.people = {n: add_candidate(self.world, n) for n in range(1, PEOPLE + 1)}
        today = timezone.localdate()
        self.session = CaptureSession.objects.create(campaign=self.world.campaign, date=today, place="104")
        start = timezone.now()
        slot = Slot.objects.create(
            session=self.session,
            department=self.world.department,
            class_name="计科2201",
            season="spring",
            starts_at=start,
            ends_at=start + timezone.timedelta(hours=1),
        )
        for place, person in self.people.items():
            Appointment.objects.create(slot=slot, candidate=person, position=place)
        self.officer = self.world.actor(Role.COLLECTION_CENTRE)

    def make_up(self, place: int) -> tuple[MakeUpCase, str]:
        """A make-up case of that person with an appointment today, and what the QR code holds."""
        allowed = Rule.objects.get(key="capture.identification")
        Rule.objects.filter(pk=allowed.pk).update(value=[*allowed.value, "makeup_qr"])
        recipient(self.world)
        case = filled(self.world, self.people[place])
        at = timezone.now() + timezone.timedelta(seconds=5)
        book_by_telephone(self.world.actor(Role.COUNSELLOR), case, at=at, place="104")
        return case, personal_token(case)

    def kit(self, station: str = "A1") -> Path:
        made = make_kit(self.officer, self.world.campaign, station=station, receivers=[Receiver(passphrase=PASSPHRASE)])
        path = self.folder / f"{station}.gpkit"
        path.write_bytes(made.data)
        return path

    def laptop(self, station: str = "A1", name: str = "") -> Laptop:
        kit = self.folder / f"{station}.gpkit"
        return open_laptop(kit if kit.exists() else self.kit(station), self.folder / (name or f"laptop-{station}"))

    def take_in(self, folder: Path) -> IntakeReport:
        return take_in_folder(self.officer, folder)


@pytest.fixture
def centre(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "centre"
    return Centre(tmp_path)


def picture_of_everything() -> tuple:
    """What the centre holds, without primary keys: equal before and after means nothing happened."""
    return (
        sorted(CheckIn.objects.values_list("nonce", "shooting_number", "status", "candidate", "cancel_reason")),
        sorted(Frame.objects.values_list("blob", "status", "check_in__nonce")),
        sorted(Hold.objects.values_list("nonce", "decision")),
        Alarm.objects.count(),
        sorted(StationRecord.objects.values_list("kind", "key", "state", "digest")),
        sorted(Conflict.objects.values_list("kind", "choice")),
        CaptureSession.objects.get().status,
    )


def test_a_day_in_a_room_without_network_comes_home(centre, tmp_path):
    make_up, token = centre.make_up(5)
    Rule.objects.create(
        rule_set=centre.world.campaign.rule_set, key="capture.compare_faces", value=True, source="同意书",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    FaceConsent.objects.bulk_create(FaceConsent(candidate=centre.people[n], paper="册 3") for n in (1, 2))
    laptop = centre.laptop()
    laptop.room("work", 1, 4)
    laptop.room("take_back", 2)
    laptop.room("agree", 3)
    assert "查验学生证和身份证" in laptop.room("scan", token)["page"]
    laptop.room("strange")
    laptop.room("close")
    packet = laptop.hand_over(tmp_path / "stick")
    assert not any("测试".encode() in path.read_bytes() for path in packet.iterdir()), "nothing is readable on the way"

    report = centre.take_in(tmp_path / "stick")
    assert report.refused == []
    assert (report.placed.waiting, report.placed.conflicts) == (0, 0)
    done = CheckIn.objects.exclude(method="makeup_qr")
    assert list(done.values_list("shooting_number", "status")) == [(n, "confirmed") for n in (1, 2, 3)]
    make_up.refresh_from_db()
    assert (make_up.status, make_up.check_in.shooting_number, make_up.check_in.method) == ("captured", 4, "makeup_qr")
    assert make_up.attended_at == make_up.check_in.at, "C6 is closed at the centre by the packet alone"
    for place in (1, 2, 3):
        frame = Frame.objects.get(check_in__candidate=centre.people[place], status="accepted")
        assert blobs.read(frame.blob) == jpeg(place)
    hold = Hold.objects.get()
    assert (hold.decision, hold.decided_by.username) == ("sent_away", "site_staff")
    assert hold.id_number.decrypt() == card_of(77).id_number, "sealed anew under the centre's key"
    assert CaptureSession.objects.get().status == "closed"
    agreed = FaceConsent.objects.filter(withdrawn_at=None).order_by("candidate").values_list("candidate", "paper")
    assert list(agreed) == [(centre.people[1].pk, "册 3"), (centre.people[3].pk, "现场册")], (
        "signed and taken back there"
    )
    history = StationRecord.objects.filter(kind="audit")
    assert history.count() > 15
    assert set(history.values_list("state", flat=True)) == {"applied"}
    assert all(one.whole for one in audit_proof.verify())
    assert PacketIntake.objects.get().is_whole

    withdraw_consent(centre.world.actor(Role.PHOTOGRAPHER), CaptureSession.objects.get(), candidate=centre.people[3])
    ((name, receipt),) = receipts_of(centre.officer, StationKit.objects.get()).items()
    (tmp_path / name).write_bytes(receipt)
    command(laptop.data, "receipt", str(tmp_path / name), "--data", str(laptop.data))
    assert laptop.room("consents") == [centre.people[1].student_no], "who took it back here took it back there"


def test_the_kit_holds_what_the_room_needs_and_no_number_in_the_clear(centre):
    deferred = add_candidate(centre.world, 9, status=CandidateStatus.DEFERRED)
    Candidate.objects.filter(pk=centre.people[2].pk).update(preassigned_number=7, graduation_kind="结业")
    laptop = centre.laptop()
    told = laptop.room("people")
    assert [row[0] for row in told["people"]] == [person.student_no for person in centre.people.values()]
    assert [row[2] for row in told["people"]] == [None, 7, *[None] * (PEOPLE - 2)], (
        "the issued list's number travels (R101)"
    )
    assert [row[3] for row in told["people"]] == ["毕业", "结业", *["毕业"] * (PEOPLE - 2)], (
        "and who leaves as what (R15)"
    )
    assert deferred.student_no not in str(told), "who is not on the approved list is not in the kit"
    with closing(sqlite3.connect(laptop.data / "gradphoto.sqlite3")) as database:
        dump = "\n".join(database.iterdump())
    assert not any(card_of(place).id_number in dump for place in centre.people)
    assert "'99902'" not in dump, "another school has no place in it"


def test_the_same_packet_twice_is_nothing(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 3)
    laptop.hand_over(tmp_path / "stick")
    centre.take_in(tmp_path / "stick")
    before = picture_of_everything()
    report = centre.take_in(tmp_path / "stick")
    assert (report.new, report.changed, report.placed.applied) == (0, 0, 0)
    assert picture_of_everything() == before


def test_two_stations_and_several_packets_arrive_in_any_order(centre, tmp_path):
    first, second = centre.laptop("A1"), centre.laptop("B2")
    first.room("work", 1, 3)
    second.room("work", 4, 5)
    packets = [first.hand_over(tmp_path / "stick-1"), second.hand_over(tmp_path / "stick-2")]
    first.room("work", 3, 4)
    first.room("cancel", 1)
    packets.append(first.hand_over(tmp_path / "stick-3"))
    files = [path for packet in packets for path in sorted(packet.iterdir())]
    random.Random(7).shuffle(files)
    for number, path in enumerate([*files, *files]):
        alone = tmp_path / "one-by-one" / str(number)
        alone.mkdir(parents=True)
        shutil.copy(path, alone / path.name)
        assert centre.take_in(alone).refused == []
    states = dict(CheckIn.objects.values_list("candidate__student_no", "status"))
    assert states == {
        "2022000001": "cancelled",
        "2022000002": "confirmed",
        "2022000003": "confirmed",
        "2022000004": "confirmed",
    }
    numbers = dict(CheckIn.objects.values_list("candidate__student_no", "shooting_number"))
    assert numbers["2022000004"] == 201, "the second station has a range of its own"
    assert Frame.objects.filter(status="accepted").count() == 3
    assert not Conflict.objects.exists()
    assert not StationRecord.objects.exclude(state="applied").exists()


def test_who_sat_in_the_chair_comes_with_the_next_packet(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("leave", 1)
    laptop.room("refused", 2)
    laptop.hand_over(tmp_path / "stick")
    assert centre.take_in(tmp_path / "stick").placed.waiting == 1
    assert not CheckIn.objects.exists()
    told = RoomNotice.objects.get()
    assert told.code == "capture.chair_occupied"
    laid, _ = cards_in_vain(CaptureSession.objects.get(), 1)
    assert [(one.at, one.person) for one in laid] == [(told.at, told.candidate_id)], "the centre doubts as the room did"
    assert told.candidate.student_no == "2022000002", "it knows whose card it was, until that person is called"
    laptop.room("finish", 1)
    laptop.hand_over(tmp_path / "stick")
    assert centre.take_in(tmp_path / "stick").placed.waiting == 0
    assert CheckIn.objects.get().status == "shot"


def test_a_pulled_stick_costs_one_part(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 4)
    stick = tmp_path / "stick"
    packet = laptop.hand_over(stick)
    (packet / "packet.json").unlink()
    half = packet / "part-0001.gpp"
    half.write_bytes(half.read_bytes()[:500])
    report = centre.take_in(stick)
    assert [error.code for _, error in report.refused] == ["packet.truncated"]
    assert CheckIn.objects.count() == 3, "the records are whole and taken in"
    assert not Frame.objects.exists(), "frames wait for their files"
    assert report.placed.waiting == 3
    laptop.hand_over(stick, "--again")
    assert centre.take_in(stick).placed.waiting == 0
    assert Frame.objects.filter(status="accepted").count() == 3


def test_the_same_person_at_two_stations_is_decided_by_a_person(centre, tmp_path):
    first, second = centre.laptop("A1"), centre.laptop("B2")
    first.room("work", 1, 2)
    second.room("work", 1, 2, 50)
    for number, laptop in enumerate((first, second)):
        laptop.hand_over(tmp_path / f"stick-{number}")
        centre.take_in(tmp_path / f"stick-{number}")
    assert CheckIn.objects.count() == 1, "nothing of the second was taken in silently"
    conflict = Conflict.objects.get()
    assert (conflict.kind, conflict.candidate, conflict.present.shooting_number) == (
        "person_twice",
        centre.people[1],
        1,
    )
    with pytest.raises(Refusal) as caught:
        decide_conflict(centre.officer, conflict, choice="incoming", reason=" ")
    assert caught.value.code == "capture.reason_missing"
    with pytest.raises(Refusal):
        decide_conflict(centre.world.stranger(Role.COLLECTION_CENTRE), conflict, choice="incoming", reason="我不该能")
    decide_conflict(centre.officer, conflict, choice="incoming", reason="第二次更清晰")
    standing = CheckIn.objects.exclude(status="cancelled").get()
    assert (standing.shooting_number, standing.status) == (201, "confirmed")
    assert blobs.read(Frame.objects.get(status="accepted").blob) == jpeg(51)
    lost = CheckIn.objects.get(status="cancelled")
    assert (lost.shooting_number, lost.cancel_reason) == (1, "第二次更清晰")
    assert lost.frames.get().status == "rejected", "the other photograph stays as evidence"


def test_the_one_that_does_not_count_is_kept_as_cancelled(centre, tmp_path):
    person = centre.people[1]
    actor = centre.world.actor(Role.PHOTOGRAPHER)
    laptop = centre.laptop("A1")
    laptop.room("work", 1, 2)
    laptop.hand_over(tmp_path / "stick")
    room = CaptureSession.objects.create(campaign=centre.world.campaign, date="2026-11-20", place="中心", status="open")
    made = check_in(actor, room, candidate=person, method=Identification.MANUAL, nonce="0" * 31 + "1").check_in
    accept_frame(actor, made, frame=receive_frame(actor, room, data=jpeg(99), file_name="a.jpg", by_hand=True))
    centre.take_in(tmp_path / "stick")
    decide_conflict(centre.officer, Conflict.objects.get(), choice="present", reason="已在中心拍过")
    assert dict(CheckIn.objects.values_list("shooting_number", "status")) == {1: "cancelled", 201: "shot"}
    assert Frame.objects.get(check_in__shooting_number=1).status == "rejected"
    assert not StationRecord.objects.exclude(state="applied").filter(kind__in=["check_in", "frame"]).exists()


def test_a_person_removed_meanwhile_does_not_pass_silently(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 2, 3)
    laptop.hand_over(tmp_path / "stick")
    put(Candidate.objects.filter(pk=centre.people[2].pk), status=CandidateStatus.DEFERRED)
    centre.take_in(tmp_path / "stick")
    conflict = Conflict.objects.get()
    assert conflict.kind == "person_removed"
    with pytest.raises(Refusal) as caught:
        decide_conflict(centre.officer, conflict, choice="incoming", reason="老师说可以")
    assert caught.value.code == "capture.not_on_list", "R16"
    put(Candidate.objects.filter(pk=centre.people[2].pk), status=CandidateStatus.ACCEPTED)
    decide_conflict(centre.officer, Conflict.objects.get(), choice="incoming", reason="已重新核准")
    assert CheckIn.objects.get().status == "confirmed"
    assert Frame.objects.get().status == "accepted"


def test_one_kit_opened_twice_shows_as_a_clash_of_numbers(centre, tmp_path):
    first, copy = centre.laptop("A1"), centre.laptop("A1", "copied-laptop")
    first.room("work", 1, 2)
    copy.room("work", 2, 3)
    for number, laptop in enumerate((first, copy)):
        laptop.hand_over(tmp_path / f"stick-{number}")
        centre.take_in(tmp_path / f"stick-{number}")
    conflict = Conflict.objects.get()
    assert conflict.kind == "number"
    decide_conflict(centre.officer, conflict, choice="renumber", reason="两台电脑用了同一采集箱")
    numbers = dict(CheckIn.objects.values_list("candidate__student_no", "shooting_number"))
    assert numbers["2022000001"] == 1
    assert numbers["2022000002"] > 200, "a new number out of the centre's own"
    assert Frame.objects.filter(status="accepted").count() == 2


def test_what_the_centre_changed_is_not_undone_by_a_later_packet(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 2)
    laptop.hand_over(tmp_path / "stick")
    centre.take_in(tmp_path / "stick")
    put(CheckIn.objects.all(), status="retake")
    laptop.room("cancel", 1)
    laptop.hand_over(tmp_path / "stick")
    centre.take_in(tmp_path / "stick")
    assert CheckIn.objects.get().status == "retake"
    conflict = Conflict.objects.get(kind="changed_here", record__kind="check_in")
    decide_conflict(centre.officer, conflict, choice="incoming", reason="采集站确认撤销")
    assert CheckIn.objects.get().status == "cancelled"


def test_a_rewritten_history_is_noticed(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 2)
    with closing(sqlite3.connect(laptop.data / "gradphoto.sqlite3")) as database, database:
        database.execute("UPDATE core_auditentry SET actor_label = '别人' WHERE action = 'capture.confirm_check_in'")
    laptop.hand_over(tmp_path / "stick")
    centre.take_in(tmp_path / "stick")
    assert Conflict.objects.get().kind == "history"


def test_numbers_end_where_the_range_ends(centre):
    made = make_kit(
        centre.officer, centre.world.campaign, station="S", receivers=[Receiver(passphrase=PASSPHRASE)], numbers=2
    )
    kit = centre.folder / "S.gpkit"
    kit.write_bytes(made.data)
    laptop = open_laptop(kit, centre.folder / "small")
    laptop.room("work", 1, 3)
    with pytest.raises(AssertionError, match=r"capture\.numbers_used_up"):
        laptop.room("work", 3, 4)


def test_a_lost_laptops_kit_can_be_revoked(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 2)
    laptop.hand_over(tmp_path / "stick")
    with pytest.raises(ObjectDoesNotExist):
        CheckIn.objects.get()
    revoke_kit(centre.officer, centre.world.campaign.kits.get(), reason="电脑被盗")
    report = centre.take_in(tmp_path / "stick")
    assert {error.code for _, error in report.refused} == {"packet.kit_revoked"}
    assert not StationRecord.objects.exists()


def test_another_centres_officer_takes_nothing_in(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 2)
    laptop.hand_over(tmp_path / "stick")
    report = take_in_folder(centre.world.stranger(Role.COLLECTION_CENTRE), tmp_path / "stick")
    assert {error.code for _, error in report.refused} == {"packet.unknown_kit"}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: data[:-1], "packet.truncated"),
        (lambda data: data[:300] + bytes([data[300] ^ 1]) + data[301:], "packet.altered"),
    ],
)
def test_a_damaged_kit_opens_nothing(centre, damage, code):
    kit = centre.kit()
    kit.write_bytes(damage(kit.read_bytes()))
    secret = centre.folder / "words"
    secret.write_text(PASSPHRASE, encoding="utf-8")
    target = centre.folder / "new"
    done = command(target, "open", str(kit), "--data", str(target), "--passphrase-file", str(secret), check=False)
    assert done.returncode == 2
    assert code in done.stderr
    assert not target.exists()
    assert list(centre.folder.glob("*.opening-*")) == []


def test_a_laptop_with_its_own_key_needs_no_passphrase(centre):
    key = centre.folder / "laptop.pem"
    command(centre.folder, "key", str(key))
    public, signing = load_laptop_public(key.with_suffix(".pub.pem").read_bytes())
    kit = centre.folder / "K.gpkit"
    made = make_kit(
        centre.officer, centre.world.campaign, station="K",
        receivers=[Receiver(public_key=public), Receiver(passphrase=PASSPHRASE)], signing_public=signing,
    )  # fmt: skip
    kit.write_bytes(made.data)
    assert made.row.signing_public == raw_public(signing).hex(), "the centre knows the public half only"
    words = centre.folder / "words"
    words.write_text(PASSPHRASE, encoding="utf-8")
    other = command(
        centre.folder / "o", "open", str(kit), "--data", str(centre.folder / "o"), "--passphrase-file", str(words),
        check=False,
    )  # fmt: skip
    assert "capture.station_needs_its_key" in other.stderr, "another laptop cannot sign for this one"
    publish_public_keys(keyring(), centre.folder)
    signer = centre.folder / "signing-key.pub.pem"
    target = centre.folder / "k"
    command(target, "open", str(kit), "--data", str(target), "--key", str(key), "--trust", str(signer))
    again = command(target, "open", str(kit), "--data", str(target), "--key", str(key), check=False)
    assert "capture.station_not_empty" in again.stderr
    laptop = Laptop(target)
    laptop.room("work", 1, 2)
    laptop.hand_over(centre.folder / "stick")
    report = centre.take_in(centre.folder / "stick")
    assert report.refused == []
    assert CheckIn.objects.count() == 1, "a packet signed by the laptop's own key is believed"


def test_the_centre_signs_for_what_it_has_and_the_laptop_lets_go_of_nothing_else(centre, tmp_path):
    laptop = centre.laptop()
    laptop.room("work", 1, 3)
    laptop.hand_over(tmp_path / "stick")
    laptop.room("work", 3, 4, 50)  # after the packet: no receipt can name this one
    laptop.room("close")
    centre.take_in(tmp_path / "stick")
    missing = Frame.objects.get(check_in__candidate=centre.people[2])
    kept = storages["blobs"].path(blobs.name_of(missing.blob_id))
    Path(kept).unlink()
    kit = StationKit.objects.get()
    ((name, data),) = receipts_of(centre.officer, kit).items()
    assert name.startswith("A1-")
    file = tmp_path / name
    file.write_bytes(data.replace(b'"counts"', b'"Counts"'))
    forged = command(laptop.data, "receipt", str(file), "--data", str(laptop.data), check=False)
    assert "packet.altered" in forged.stderr

    file.write_bytes(data)
    done = command(laptop.data, "receipt", str(file), "--data", str(laptop.data), "--clear", check=False)
    assert done.returncode == 1, "not all is safe"
    assert "frames 1/3" in done.stdout, "what the store has lost is not signed for"
    assert "check-ins 2/3" in done.stdout
    assert "2 张照片尚未签收" in done.stdout
    stored = {path.name for path in (laptop.data / "blobs").rglob("*") if path.is_file()}
    frames = {hashlib.sha256(jpeg(salt)).hexdigest(): salt for salt in (1, 2, 53)}
    assert {salt for sha, salt in frames.items() if sha in stored} == {2, 53}
    packet = laptop.hand_over(tmp_path / "stick", "--again")
    assert centre.take_in(packet).refused == [], "handing over again brings the rest"
    Frame.objects.get(check_in__candidate=centre.people[3], status="accepted")
    assert Path(kept).exists(), "and what the centre had lost"

    other = centre.laptop("A1", "a copy")
    stranger = command(other.data, "receipt", str(file), "--data", str(other.data), check=False)
    assert "capture.receipt_other" in stranger.stderr


def test_a_station_judges_by_the_centres_thresholds(centre, monkeypatch):
    from gradphoto.engine.portrait import thresholds

    stricter = {**thresholds.calibrated(), "roll_deg_review": 0.25}
    assert "roll_deg_review" in thresholds.calibrated()
    monkeypatch.setattr(verdicts, "calibrated", lambda: stricter)
    verdicts.rules_version.cache_clear()
    try:
        Rule.objects.create(
            rule_set=centre.world.campaign.rule_set, key="capture.accept_review", value=False, source="测试",
            effective_from=date(2020, 1, 1),
        )  # fmt: skip
        laptop = centre.laptop()
        here = verdicts.rules_version("mb2017_99")
    finally:
        verdicts.rules_version.cache_clear()
    told = laptop.room("judgement")
    assert told == {"roll_deg_review": 0.25, "switched_off": "inf", "version": here, "accept_review": False}
