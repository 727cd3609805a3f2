"""The form of money from outside: a bank's statement."""

from __future__ import annotations

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import bank
from gradphoto.apps.fees.models import BankImport
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.pages.fields import UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


def _home(actor: Actor, campaign: Campaign) -> Organisation | None:
    """The unit of the campaign in which the actor takes statements."""
    places = (campaign.school.path, campaign.centre.path)
    return next((one for one in seats(actor, "fees.import_statements") if one.path.startswith(places)), None)


class ImportStatement(ActionForm):
    action = "fees.import_statement"
    button = Wording("上传并匹配", "Upload and match")
    said = Wording("明细已收到，正在匹配。", "The statement is here and is being matched.")
    file = UploadField(
        Kind.XLSX, Kind.TEXT, limit_mb=16, accept=".xlsx,.csv", label=bi("银行明细", "Statement of the bank")
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return _home(actor, target) is not None

    def perform(self) -> BankImport:
        file, home = self.cleaned_data["file"], _home(self.actor, self.target)
        assert home is not None, "offered only where there is one"
        return bank.import_statement(
            self.actor, self.target, organisation=home, file_name=file.name or "statement", data=file.data,
            media_type=file.media_type,
        )  # fmt: skip
