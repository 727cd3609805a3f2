"""The personal link: random, shown once, kept as an index; it ends with its day, a newer one, or when it is taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import segno
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal, invalid, refuse, stated_reason
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.signing_codes import ALPHABET
from gradphoto.apps.selfphoto.lifecycle import PORTRAIT
from gradphoto.apps.selfphoto.models import LinkSource, PersonalLink, PortraitStatus, SelfPortrait
from gradphoto.apps.selfphoto.terms import case_of, is_photographed, link_ends_at, require_terms

CODE_LENGTH = 16
"""Signs of the alphabet of personal codes: 16 of 31 are 79 bits, so nobody guesses one; student number and name go with it."""


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A link as it is handed to its person; the code is nowhere else any more."""

    link: PersonalLink
    code: str

    @property
    def address(self) -> str:
        return site_address(reverse("myphoto:link", args=[self.code]))

    @property
    def spaced(self) -> str:
        """The code in groups of four, as people read it."""
        return " ".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))

    @property
    def qr(self) -> str:
        """The link's QR code as an SVG data URI."""
        return str(segno.make(self.address, error="m").svg_data_uri(border=2))


@action("selfphoto.issue_link", permission="selfphoto.issue")
def issue_link(actor: Actor, candidate: Candidate, *, source: str = LinkSource.LIST) -> IssuedLink:
    """A fresh link for one person; the one before opens nothing any more, and its sessions end.

    Raises what ``terms.require_terms`` raises, and ``selfphoto.photographed``.
    """
    require_terms(candidate)
    portrait = portrait_of(candidate)
    if portrait.status == PortraitStatus.APPROVED or is_photographed(portrait):
        raise refuse(
            "selfphoto.photographed",
            "此人已经采集照片，不需要链接。",
            "This person is photographed already and needs no link.",
            "需要重拍的，请先在“照片复核”中退回。",
            "Where another one is needed, reject the present one in the review first.",
        )
    now = timezone.now()
    portrait.links.filter(ended_at=None).update(ended_at=now, end_reason="已发新链接")
    if portrait.blocked_reason:
        portrait.blocked_reason = ""
        portrait.save(update_fields=["blocked_reason"])
    if portrait.status == PortraitStatus.ENDED:
        PORTRAIT.move(portrait, "selfphoto.invite_again")
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    link = PersonalLink.objects.create(
        portrait=portrait, code_index=blind_index(code), source=source, case=case_of(candidate),
        issued_by=actor.user, expires_at=link_ends_at(candidate.campaign),
    )  # fmt: skip
    audit.note(link=link.pk, source=str(source), expires_at=link.expires_at.isoformat())
    return IssuedLink(link, code)


def issue_links(
    actor: Actor, people: Iterable[Candidate], *, source: str = LinkSource.LIST
) -> tuple[list[IssuedLink], list[tuple[Candidate, Refusal]]]:
    """A link for each, each an action of its own; who cannot have one is told with the reason."""
    issued, left_out = [], []
    for person in people:
        try:
            require_not_stopped(person)
            issued.append(issue_link(actor, person, source=source))
        except Refusal as error:
            left_out.append((person, error))
    return issued, left_out


def require_not_stopped(candidate: Candidate) -> None:
    """Where links are given to many nobody looks at the one who was stopped. Raises ``selfphoto.stopped``."""
    if SelfPortrait.objects.filter(candidate=candidate).exclude(blocked_reason="").exists():
        raise refuse(
            "selfphoto.stopped",
            "审核认为照片可能不是本人，须先当面核实。",
            "The review found that this may be another person, who is to be seen first.",
            "请核验本人和证件后，在此人的页面单独发放新链接。",
            "See the person with the ID card, then give the new link on the person's own page.",
        )


def portrait_of(candidate: Candidate) -> SelfPortrait:
    """The record of a person's own photograph; begun where there is none."""
    found = SelfPortrait.objects.select_for_update().filter(candidate=candidate).first()
    return found or PORTRAIT.begin(SelfPortrait(candidate=candidate))


@action("selfphoto.revoke_link", permission="selfphoto.issue")
def revoke_link(actor: Actor, portrait: SelfPortrait, *, reason: str) -> None:
    """The link opens nothing any more, and who came in by it is out at the next page.

    Raises ``selfphoto.no_link`` where there is none, ``selfphoto.reason_missing``.
    """
    said = stated_reason(reason, "selfphoto.reason_missing")
    if not portrait.links.filter(ended_at=None).update(ended_at=timezone.now(), end_reason=said):
        raise refuse(
            "selfphoto.no_link",
            "此人没有有效的链接。",
            "This person has no link that could be taken back.",
            "请刷新页面。",
            "Reload the page.",
        )
    portrait.sessions.all().delete()
    audit.note(reason=said)


@action("selfphoto.grant_tries", permission="selfphoto.issue")
def grant_tries(actor: Actor, portrait: SelfPortrait, *, more: int, reason: str) -> None:
    """More tries than the rule gives, with the reason. Raises ``selfphoto.how_many``, ``selfphoto.reason_missing``."""
    if not 1 <= more <= 20:
        raise invalid(
            "selfphoto.how_many",
            "一次追加 1 至 20 次。",
            "Grant from 1 to 20 more.",
            "请填写 1 至 20 之间的数。",
            "Enter a number from 1 to 20.",
            field="more",
        )
    portrait.more_tries += more
    portrait.save(update_fields=["more_tries"])
    audit.note(more=more, reason=stated_reason(reason, "selfphoto.reason_missing"))
