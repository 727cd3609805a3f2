"""The forms of a self-organised collection: begun, asked about, handed in, returned, taken over."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup import selfmade
from gradphoto.apps.makeup.models import SelfCollection
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import DayField, RecordField, TextField
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.engine.wording import Wording

_DONE = Wording("已办理。", "Done.")


class OpenCollection(ActionForm):
    action = "makeup.open_collection"
    button = Wording("建立", "Begin")
    said = _DONE
    campaign = RecordField(
        lambda actor, target: scoped(actor, Campaign), label=bi("批次", "Campaign"), empty_label=None, css="col-md-4"
    )
    organisation = RecordField(
        lambda actor, target: changeable(actor, Organisation, "makeup.collect").filter(
            kind__in=("learning_centre", "department")
        ),
        label=bi("单位", "Organisation"), empty_label=None, css="col-md-4",
    )  # fmt: skip
    title = TextField(label=bi("名称", "Name"), max_length=120, css="col-md-4")

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.collect")

    def perform(self) -> SelfCollection:
        asked = dict(self.cleaned_data)
        return selfmade.open_collection(self.actor, asked.pop("campaign"), **asked)


class _Asked(ActionForm):
    """When the agency was asked, and whom."""

    said = _DONE
    on = DayField(label=bi("联系日期", "Day of the talk"))
    whom = TextField(label=bi("对方联系人", "Whom"), max_length=80)


class ConfirmContact(_Asked):
    action = "makeup.confirm_contact"
    button = Wording("确认已联系", "Confirmed")


class SubmitCollection(_Asked):
    action = "makeup.submit_collection"
    button = Wording("提交", "Hand in")


class CheckCollection(ActionForm):
    action = "makeup.check_collection"
    button = Wording("开始核对", "Start the check")
    said = _DONE


class ReturnCollection(ActionForm):
    action = "makeup.return_collection"
    button = Wording("退回修改", "Return")
    said = _DONE
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class WithdrawCollection(ActionForm):
    action = "makeup.withdraw_collection"
    button = Wording("撤回", "Withdraw")
    said = _DONE
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class TakeCollection(ActionForm):
    action = "makeup.take_collection"
    button = Wording("接收", "Take over")
    said = _DONE


class FinishCollection(ActionForm):
    action = "makeup.finish_collection"
    button = Wording("结束", "End")
    said = _DONE
    reason = TextField(label=bi("未接收人员的说明", "Why the rest stays out"), max_length=200, required=False)


class DropPhoto(ActionForm):
    """One photograph with faults, taken off again; its number comes with the button."""

    action = "makeup.drop_photo"
    button = Wording("删除", "Remove")
    said = _DONE
    photo = RecordField(lambda actor, found: found.photos.all(), widget=forms.HiddenInput)


COLLECTION_FORMS = (
    ConfirmContact, CheckCollection, SubmitCollection, ReturnCollection, WithdrawCollection, TakeCollection,
    FinishCollection, DropPhoto,
)  # fmt: skip


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once; the cleaned value is their list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(_FilesField, self).clean(one, initial) for one in (data or [None])]


class UploadForm(Form):
    """Photographs, a zip of them, or the table; each file is known by its content."""

    file = _FilesField(widget=_ManyFiles())
