"""The forms of the notices: one text to many, addresses from a table."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.person_filter import departments_of
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.notices import actions
from gradphoto.apps.verification.notices.contacts import LIMIT_MB, ContactTable, read_contacts
from gradphoto.apps.verification.notices.models import Channel, NoticeKind, NoticeRound
from gradphoto.apps.verification.notices.texts import TEXT_MAX
from gradphoto.engine.wording import Wording


def _running(actor: Actor, target: Any = None) -> Any:
    return scoped(actor, Campaign).exclude(status="closed").select_related("school")


class SendNotices(ActionForm):
    """One text to everyone whose case is open, or only to who has not confirmed."""

    action = "verification.send_notices"
    button = Wording("发送", "Send")
    said = Wording("通知正在发送。", "The notices are on their way.")
    campaign = RecordField(_running, label=bi("批次", "Campaign"), empty_label=None, css="col-md-6")
    channel = forms.ChoiceField(label=bi("方式", "Way"))
    season = ChoiceField(
        Season, label=bi("季别", "Season"), required=False, empty=Wording("春、秋两季", "Both seasons"), css="col-md-6"
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
        cases = scoped(self.actor, VerificationCase).filter(candidate__campaign=asked["campaign"])
        if asked["season"]:
            cases = cases.filter(candidate__season=asked["season"])
        if asked["department"]:
            cases = cases.filter(candidate__department=asked["department"])
        if asked["kind"] != NoticeKind.OPENED:
            cases = cases.filter(status__in=UNVERIFIED)
        return actions.send_notices(
            self.actor, asked["campaign"], kind=asked["kind"], channel=Channel(asked["channel"]), text=asked["text"],
            cases=list(cases.select_related("candidate")), nonce=asked["nonce"],
        )  # fmt: skip


class KeepContacts(ActionForm):
    """Addresses out of a table; rows that give none are told by their number."""

    action = "verification.keep_contacts"
    button = Wording("导入", "Import")
    campaign = RecordField(_running, label=bi("批次", "Campaign"), empty_label=None)
    file = UploadField(Kind.TABLE, limit_mb=LIMIT_MB, accept=".xlsx,.xls,.csv,.dbf", label=bi("文件", "File"))
    table: ContactTable

    def perform(self) -> int:
        self.table = read_contacts(self.cleaned_data["file"].data)
        return actions.keep_contacts(self.actor, self.cleaned_data["campaign"], found=self.table.found)

    def refuse(self, error: Any) -> None:
        """Whatever a table is refused for stands beside the file."""
        error.field = "file"
        super().refuse(error)

    def done_message(self, result: int) -> Wording:
        return Wording("已保存 {n} 项联系方式。", "{n:address|addresses} kept.").format(n=result)


NOTICE_FORMS = (SendNotices, KeepContacts)
