"""The forms of delivery: a package packed and checked, what was reported of it, cards printed and issued anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.delivery import actions, checking
from gradphoto.apps.delivery.lifecycle import REPORT
from gradphoto.apps.delivery.models import DeliveryReport, ImageCard, Package, ReportKind
from gradphoto.apps.delivery.queries import people_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.fields import ChoiceField, RecordField, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording


class Packing(Form):
    """For whom a package is built: values of a button."""

    organisation = forms.ModelChoiceField(Organisation.objects.all())
    season = ChoiceField(Season)


class DeliverPackage(ActionForm):
    action = "delivery.deliver_package"
    button = Wording("交付", "Deliver")
    said = Wording("已办理。", "Done.")


class CheckPackage(ActionForm):
    action = "delivery.check_package"
    button = Wording("已核对", "Checked")
    said = Wording("已办理。", "Done.")
    note = TextField(label=bi("核对说明", "Note of the check"), max_length=200, required=False)


PACKAGE_FORMS = (DeliverPackage, CheckPackage)


class ClassOfPackage(Form):
    """Which class of a package a button is about."""

    department = forms.IntegerField()
    class_name = forms.CharField(required=False)

    def add_prefix(self, field_name: str) -> str:
        """``class`` in addresses and forms, which is no name of an attribute."""
        return "class" if field_name == "class_name" else field_name


class Mark(Form):
    """One person's mark, sent at once by the page; an empty one withdraws the report."""

    person = forms.IntegerField()
    kind = ChoiceField(ReportKind, required=False)

    def add_prefix(self, field_name: str) -> str:
        """The mark bears its person's number, as in the form of the whole class."""
        return f"mark_{self.data.get('person', '')}" if field_name == "kind" else field_name


class Marks(Form):
    """The marks of one class, one choice a person; ``undo``: the class is not looked through after all."""

    undo = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, files: Any = None, *, people: Sequence[Candidate], **options: Any) -> None:
        super().__init__(data, files, **options)
        for person in people:
            self.fields[f"mark_{person.pk}"] = ChoiceField(ReportKind, required=False)
            self.fields[f"looked_{person.pk}"] = forms.BooleanField(required=False)


class ReportMissing(ActionForm):
    """A person whose photograph should be in the package and is not."""

    action = "delivery.report_photo"
    button = Wording("登记缺照片", "Report as missing")
    said = Wording("已登记缺照片。", "Reported as missing.")
    student_no = TextField(
        label=bi("缺照片的学号", "Number of who is missing"), max_length=20, css="col-md-4", attrs={"class": "figures"}
    )
    note = TextField(label=bi("情况说明", "Explanation"), max_length=200, required=False, css="col-md-8")

    @classmethod
    def is_offered(cls, actor: Actor, target: Package) -> bool:
        return target.delivered_at is not None and super().is_offered(actor, target)

    def clean_student_no(self) -> str:
        number: str = self.cleaned_data["student_no"]
        if not checking.concerned(self.target).filter(student_no=number).exists():
            zh = "该交付包的单位和毕业季中没有这个学号，请核对。"
            en = "No such student number in this package's unit and season; check it."
            raise wrong("delivery.not_concerned", zh, en)
        return number

    def perform(self) -> DeliveryReport:
        person = checking.concerned(self.target).get(student_no=self.cleaned_data["student_no"])
        return actions.report_photo(
            self.actor, self.target, candidate=person, kind=ReportKind.MISSING, note=self.cleaned_data["note"]
        )


class SettleReport(ActionForm):
    action = "delivery.settle_report"
    button = Wording("已处理", "Settled")
    said = Wording("已办理。", "Done.")
    note = TextField(label=bi("处理结果", "What was done"), max_length=200, required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: DeliveryReport) -> bool:
        """By its state; whether the actor may, the page asks once for the package."""
        return cls.action in REPORT.available(target) and getattr(target, "errata_link", None) is None


class WithdrawReport(ActionForm):
    action = "delivery.withdraw_report"
    button = Wording("撤回", "Withdraw")
    said = Wording("已办理。", "Done.")

    @classmethod
    def is_offered(cls, actor: Actor, target: DeliveryReport) -> bool:
        return cls.action in REPORT.available(target)


REPORT_FORMS = (SettleReport, WithdrawReport)


class ReissueCards(ActionForm):
    """Cards anew, of one person or of a whole class whose print was spoiled; the earlier codes end."""

    action = "delivery.reissue_card"
    button = Wording("作废并重发", "Void and issue")
    card = RecordField(
        lambda actor, package: ImageCard.objects.filter(candidate__in=people_of(package)), required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip
    department = forms.IntegerField(required=False, widget=forms.HiddenInput)
    class_name = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = TextField(label=bi("原因，如：遗失", "Reason, e.g. lost"), max_length=200)

    @classmethod
    def which(cls) -> str:
        return "reissue_cards"

    @classmethod
    def is_offered(cls, actor: Actor, target: Package) -> bool:
        return target.delivered_at is not None

    def perform(self) -> int:
        asked = self.cleaned_data
        cards = [asked["card"]] if asked["card"] else list(
            ImageCard.objects.filter(
                candidate__in=people_of(self.target), candidate__department=asked["department"],
                candidate__class_name=asked["class_name"], printed_at__isnull=False,
            )
        )  # fmt: skip
        with transaction.atomic():
            for one in cards:
                actions.reissue_card(self.actor, one, reason=asked["reason"])
        return len(cards)

    def done_message(self, result: int) -> Wording:
        return Wording(
            "已重发 {n} 张，原校对码作废，请重新打印。", "{n} issued anew; the earlier codes are void. Print them."
        ).format(n=result)
