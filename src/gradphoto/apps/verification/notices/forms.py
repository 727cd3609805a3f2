"""The forms of the notices: one text to many, addresses from a table, signed class lists."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import Document, PaperKind
from gradphoto.apps.roster.person_filter import departments_of
from gradphoto.apps.verification.notices import actions, class_lists
from gradphoto.apps.verification.notices.audience import contacts_of, people_of
from gradphoto.apps.verification.notices.contacts import LIMIT_MB, ContactTable, read_contacts
from gradphoto.apps.verification.notices.models import TO_CONTACTS, Channel, NoticeKind, NoticeRound
from gradphoto.apps.verification.notices.texts import TEXT_MAX
from gradphoto.engine.wording import Wording


def _running(actor: Actor, target: Any = None) -> Any:
    return scoped(actor, Campaign).exclude(status="closed").select_related("school")


class SendNotices(ActionForm):
    """One text to everyone for whom the kind is meant now (``audience``)."""

    action = "verification.send_notices"
    button = Wording("发送", "Send")
    said = Wording("通知正在发送。", "The notices are on their way.")
    campaign = RecordField(_running, label=bi("批次", "Campaign"), empty_label=None, css="col-md-6")
    channel = forms.ChoiceField(label=bi("方式", "Way"))
    season = ChoiceField(
        Season,
        label=bi("毕业季", "Season"),
        required=False,
        empty=Wording("春、秋两季", "Both seasons"),
        css="col-md-6",
    )
    department = RecordField(
        lambda actor, target: departments_of(actor), label=bi("院系", "Department"), required=False,
        empty_label=bi("全部", "All"), css="col-md-6",
    )  # fmt: skip
    kind = ChoiceField(NoticeKind, label=bi("类别", "Kind"), widget=forms.HiddenInput)
    nonce = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = TextField(label=bi("内容", "Content"), max_length=TEXT_MAX, rows=5, keeps_lines=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        channel: Any = self.fields["channel"]
        channel.choices, channel.css = [one for one in Channel.choices if one[0] != Channel.IN_PERSON], "col-md-6"

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return {"nonce": uuid.uuid4()}

    def perform(self) -> NoticeRound:
        asked = self.cleaned_data
        if asked["kind"] in TO_CONTACTS:
            told: dict[str, Any] = {"contacts": list(contacts_of(asked["campaign"], asked["kind"]))}
        else:
            people = people_of(self.actor, asked["campaign"], asked["kind"])
            if asked["season"]:
                people = people.filter(season=asked["season"])
            if asked["department"]:
                people = people.filter(department=asked["department"])
            told = {"people": list(people)}
        return actions.send_notices(
            self.actor, asked["campaign"], kind=asked["kind"], channel=Channel(asked["channel"]), text=asked["text"],
            nonce=asked["nonce"], **told,
        )  # fmt: skip


class KeepContacts(ActionForm):
    """Addresses out of a table; rows that give none are told by their number."""

    action = "verification.keep_contacts"
    button = Wording("导入", "Import")
    campaign = RecordField(_running, label=bi("批次", "Campaign"), empty_label=None)
    file = UploadField(Kind.TABLE, limit_mb=LIMIT_MB, accept=".xlsx,.xls,.csv,.dbf", label=bi("文件", "File"))
    table: ContactTable
    unknown: list[str]

    def perform(self) -> int:
        self.table = read_contacts(self.cleaned_data["file"].data)
        campaign = self.cleaned_data["campaign"]
        self.unknown = actions.unknown_numbers(self.actor, campaign, self.table.found)
        return actions.keep_contacts(self.actor, campaign, found=self.table.found)

    def refuse(self, error: Any) -> None:
        """Whatever a table is refused for stands beside the file."""
        error.field = "file"
        super().refuse(error)

    def done_message(self, result: int) -> Wording:
        return Wording("已保存 {n} 项联系方式。", "{n:address|addresses} kept.").format(n=result)


def _class_lists(actor: Actor, target: Any = None) -> Any:
    """The printed class lists that came back signed and are not counted yet."""
    lists = changeable(actor, Document, "verification.notify").filter(kind=PaperKind.NOTICE_LIST)
    return lists.filter(signed_pages__isnull=False, notices=None).distinct()


class CountClassList(ActionForm):
    """A printed class list that came back signed counts for everybody on it but those named as not having signed."""

    action = "verification.count_class_list"
    button = Wording("登记签收", "Count it")
    document = RecordField(_class_lists, label=bi("已归档的签收表", "Filed class list"))
    absent = TextField(
        label=bi("未签字的学号（逗号分开）", "Student numbers without a signature (comma between)"), max_length=2000,
        required=False,
    )  # fmt: skip

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return _class_lists(actor).exists()

    def perform(self) -> int:
        absent = re.split(r"[\s,，、;；]+", self.cleaned_data["absent"])
        document = self.cleaned_data["document"]
        return class_lists.count_class_list(self.actor, document, absent=[one for one in absent if one])

    def done_message(self, result: int) -> Wording:
        return Wording("已登记 {n} 人签收。", "{n:person|persons} counted as told.").format(n=result)


NOTICE_FORMS = (SendNotices, KeepContacts, CountClassList)
