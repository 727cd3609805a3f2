"""The fees of the demo: prices with their documents, two ways of collecting, hand-ins, receipts, a group photograph."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.fees import ledger
from gradphoto.apps.fees.actions import collect
from gradphoto.apps.fees.handing import list_hand_in, lying_in, receive_hand_in
from gradphoto.apps.fees.models import Account, Channel, Collection, HandIn, Item, Means, Receipt
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.fees.receipts import receipt_for_hand_in
from gradphoto.apps.fees.tills import till_of, unit_till
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule import group_photos, place_actions
from gradphoto.apps.schedule.models import GroupPhoto, Slot
from gradphoto.apps.schedule.problem import listed
from gradphoto.demo.setting import Setting

_SINCE = date(2026, 9, 1)
_PRICES = (
    (Item.PHOTO, 2000, "辽宁2014届采集通知 第十条（示范取值）"),
    (Item.GROUP_PHOTO, 1000, "本演示：采集中心合影通知"),
)
_STAFF = (
    ("leader", "演示甲", "000-0001"), ("counsellor", "演示乙", "000-0002"), ("doors", "演示丙", ""), ("doors", "演示丁", ""),
    ("queue", "演示戊", ""), ("form", "演示己", ""), ("typing", "演示庚", ""), ("outside", "演示辛", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fees:
    """What a class pays, who takes it, and how it goes up (B15, R133-R136). ``tell`` prints a line."""

    setting: Setting
    tell: Callable[[str], None]

    @property
    def campaign(self) -> Campaign:
        return self.setting.campaign

    def run(self) -> None:
        """The college collects in advance, the learning centre remits, one class pays a group photograph."""
        for item, fen, source in _PRICES:
            set_price(
                self.setting.actor(Role.COLLECTION_CENTRE), self.setting.centre, item=item, amount_fen=fen,
                source=source, effective_from=_SINCE,
            )  # fmt: skip
        self._college()
        self._learning_centre()
        self._group_photo()
        self._staff()
        books = "借贷平衡 balanced" if ledger.prove().right else "!! not balanced"
        self.tell(f"  账目 books: {books}")

    def _college(self) -> None:
        """Collected for everybody, handed in to the school and on to the centre, a receipt each time."""
        name = "计算机学院"
        officer, registrar = self.setting.officer(name), self.setting.actor(Role.REGISTRAR)
        purse = till_of(officer, self.campaign)
        taken = self._collect(officer, purse, self._people(name), Channel.COLLEGE)
        self._hand_in(officer, purse, self.setting.school, registrar, Season.SPRING)
        school_till = unit_till(self.campaign, self.setting.school)
        centre = self.setting.actor(Role.COLLECTION_CENTRE)
        receipt = self._hand_in(registrar, school_till, self.setting.centre, centre, Season.SPRING)
        self.tell(
            f"  缴费 fees: {name} {taken.people_count} persons, {yuan(taken.total_fen)} yuan, receipt {receipt.number_label}"
        )

    def _learning_centre(self) -> None:
        """Autumn apart: the learning centre remits, and its list waits to be counted (R136)."""
        name = "江城学习中心"
        officer = self.setting.officer(name)
        purse = till_of(officer, self.campaign)
        taken = self._collect(officer, purse, self._people(name)[:-3], Channel.COLLEGE)
        waiting = list_hand_in(
            officer, purse, to=self.setting.school, season=Season.AUTUMN, means=Means.POSTAL,
            reference="演示-20260001", remitted_on=timezone.localdate(),
        )  # fmt: skip
        self.tell(f"  缴费 fees: {name} {taken.people_count} persons, list {waiting} 待接收 awaits its count")

    def _group_photo(self) -> None:
        """One class books its group photograph after its slot; the counsellor takes half of the money (R131)."""
        counsellor = self.setting.counsellor("计算机学院")
        slot = Slot.objects.filter(department=self.setting.departments["计算机学院"]).order_by("starts_at").first()
        assert slot is not None
        start = group_photos.free_from(self.campaign, "图书馆前", slot.ends_at + timedelta(minutes=5), 10)
        people = [one.candidate for one in slot.appointments.select_related("candidate")]
        photo = group_photos.book_group_photo(
            counsellor, slot, place="图书馆前", starts_at=start, minutes=10, people=people
        )
        self._take(counsellor, photo)
        self.tell(
            f"  集体合影 group photograph: {photo.class_name}, {len(people)} persons, {timezone.localtime(start):%H:%M}"
        )

    def _take(self, counsellor: Actor, photo: GroupPhoto) -> None:
        charges = list(group_photos.charges_of(photo).order_by("pk"))
        paid = charges[: len(charges) // 2]
        collect(
            counsellor, till_of(counsellor, self.campaign), channel=Channel.CLASS, nonce=uuid.uuid4(), charges=paid,
            tendered_fen=sum(charge.amount_fen for charge in paid),
        )  # fmt: skip

    def _staff(self) -> None:
        """The college names its people of the day (R92)."""
        department = self.setting.departments["计算机学院"]
        for post, name, phone in _STAFF:
            place_actions.assign_duty(
                self.setting.officer("计算机学院"),
                department,
                campaign=self.campaign,
                post=post,
                name=name,
                phone=phone,
            )

    def _people(self, department: str) -> list[Candidate]:
        own = listed(self.campaign).filter(department=self.setting.departments[department])
        return list(own.order_by("student_no"))

    def _collect(self, actor: Actor, purse: Account, people: list[Candidate], channel: Channel) -> Collection:
        return collect(
            actor, purse, channel=channel, tendered_fen=_PRICES[0][1] * len(people), nonce=uuid.uuid4(), people=people
        )

    def _hand_in(self, giver: Actor, till: Account, to: Organisation, receiver: Actor, season: Season) -> Receipt:
        made: HandIn = list_hand_in(giver, till, to=to, season=season, charges=lying_in(till, season))
        receive_hand_in(receiver, made, counted_fen=made.amount_fen, counted_people=made.people_count)
        return receipt_for_hand_in(receiver, HandIn.objects.get(pk=made.pk))
