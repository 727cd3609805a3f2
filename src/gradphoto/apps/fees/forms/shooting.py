"""The form by which a shooting list is issued."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import shooting_lists
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import ChoiceField, RecordField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.papers import issuing
from gradphoto.engine.wording import Wording


def colleges_of(actor: Actor, campaign: Campaign | None) -> QuerySet[Organisation]:
    """The colleges with people for whom the actor may issue a list."""
    people = changeable(actor, Candidate, "roster.print").filter(campaign=campaign)
    return Organisation.objects.filter(pk__in=people.order_by().values("department"))


def document_address(number: str) -> str:
    """What the QR code of a list leads to: its page, where the signed scan is filed."""
    return site_address(reverse("roster:document", args=[number]))


class IssueShootingList(ActionForm):
    """Give everybody on the list of a college, or of all, a pre-assigned number; each list gets a document number."""

    action = "fees.preassign_numbers"
    button = Wording("签发名单", "Issue the list")
    season = ChoiceField(Season, label=bi("毕业季", "Season"), css="col-6")
    department = RecordField(
        colleges_of, label=bi("院系", "Department"), required=False, empty_label=bi("全部", "All"), css="col-6"
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "roster.print")

    def perform(self) -> list[issuing.Made]:
        """Issue; raises ``roster.paper_empty`` where nobody stands on the list yet."""
        college = self.cleaned_data["department"]
        people = shooting_lists.to_be_shot(
            self.actor, self.target, self.cleaned_data["season"], college.pk if college else 0, to_issue=True
        )
        if not people:
            raise issuing.nothing_to_print()
        return shooting_lists.issue(self.actor, self.target, people, address=document_address, made_as="page")

    def done_message(self, result: list[issuing.Made]) -> Wording:
        return Wording("已签发：{n} 份名单。", "{n:list|lists} issued.").format(n=len(result))
