"""The forms of a campaign: its contacts."""

from __future__ import annotations

from typing import Any

from gradphoto.apps.campaigns.models import ContactSide
from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import ChoiceField, DayField, MailField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


class SetContact(ActionForm):
    """A liaison of the school, the centre or the agency (R202)."""

    action = "campaigns.set_contact"
    button = Wording("保存联系人", "Save the contact")
    said = Wording("已保存。", "Saved.")
    side = ChoiceField(ContactSide, label=bi("哪一方", "Whose"), css="col-md-4")
    name = TextField(label=bi("姓名或部门", "Name or office"), max_length=120, css="col-md-4")
    telephone = TextField(label=bi("电话", "Telephone"), max_length=40, css="col-md-4")
    other_telephone = TextField(label=bi("手机或另一电话", "Mobile"), max_length=40, required=False, css="col-md-4")
    fax = TextField(label=bi("传真", "Fax"), max_length=40, required=False, css="col-md-4")
    email = MailField(label=bi("邮箱", "Mail address"), required=False, max_length=254, css="col-md-4")
    address = TextField(label=bi("通信地址", "Postal address"), max_length=200, required=False, css="col-md-8")
    postcode = TextField(label=bi("邮编", "Postcode"), max_length=10, required=False, css="col-md-4")
    duty_from = DayField(label=bi("手机全天开机：首日", "On duty all day: first day"), required=False, css="col-md-4")
    duty_to = DayField(label=bi("末日", "Last day"), required=False, css="col-md-4")

    def arguments(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return said | {"side": ContactSide(said["side"])}
