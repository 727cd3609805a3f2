"""What goes wrong in the demo's class, and how far it is mended: errata cases in several states (lifecycle C5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.calendars import set_days
from gradphoto.apps.delivery.models import ImageCard
from gradphoto.apps.errata import papers, steps
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case, draft_from_dispute
from gradphoto.apps.errata.kinds import Channel, ErrataKind
from gradphoto.apps.errata.models import AttachmentKind, ErrataForm
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.demo.setting import Setting

_CONTACT = Contact("教务处老师", "0731-12345678", "示范省示范市示范路1号 示范大学教务处")
_RECEIVED_DAYS_AGO = 2


def report_errors(setting: Setting, tell: Callable[[str], None]) -> None:
    """A holiday of the school's own, a dispute taken over, two missing photos reported, a wrong major approved."""
    registrar, centre = setting.actor(Role.REGISTRAR), setting.actor(Role.COLLECTION_CENTRE)
    holiday = date(timezone.localdate().year, 12, 31)
    set_days(registrar, setting.school, first=holiday, last=holiday, works=False, source="校历（示范取值）")
    for disputed in VerificationCase.objects.filter(status=CaseStatus.DISPUTED).select_related("candidate"):
        case = draft_from_dispute(registrar, disputed, contact=_CONTACT)
        form = papers.compile_form(registrar, setting.campaign, cases=[case])
        tell(f"  勘误 errata {case} {case.get_kind_display()}: on form {form}, to be sealed")
    cards = ImageCard.objects.filter(candidate__department__name="计算机学院").order_by("candidate__student_no")
    people = [card.candidate for card in cards.select_related("candidate__department")[10:13]]
    missing = [
        draft_case(
            registrar, setting.campaign, kind=ErrataKind.MISSING, people=[Wrong(person)], contact=_CONTACT,
            description="光盘中有数据，纸质照片缺失",
        )
        for person in people[:2]
    ]  # fmt: skip
    scan = _send_sealed(setting, papers.compile_form(registrar, setting.campaign, cases=missing))
    steps.attach_file(centre, missing[0], kind=AttachmentKind.REPLY, data=scan, media_type="application/pdf")
    missing[0].refresh_from_db()
    tell(f"  勘误 errata {missing[0]}、{missing[1]} 缺照片: due {missing[0].due_on}, 5 working days after receipt")
    right = {"major": f"{people[2].major}（师范）"}
    wrong = draft_case(
        setting.officer("计算机学院"), setting.campaign, kind=ErrataKind.DATA_WRONG, people=[Wrong(people[2], right)],
        contact=_CONTACT,
    )  # fmt: skip
    tell(f"  勘误 errata {wrong} 数据错误: drafted by the college, to the registry")


def _send_sealed(setting: Setting, form: ErrataForm) -> bytes:
    """Seal, send and receive a form; its own PDF stands for the scan."""
    registrar = setting.actor(Role.REGISTRAR)
    scan = papers.print_form(registrar, form).to_pdf()
    today = timezone.localdate()
    day = today - timedelta(days=_RECEIVED_DAYS_AGO)
    papers.seal_form(
        registrar, form, seal=papers.Seal("示范大学", "教务处长", "处长", day), data=scan, media_type="application/pdf"
    )
    papers.send_form(registrar, form, on=day, channel=Channel.FAX, to="图片社数据部")
    papers.receive_form(setting.actor(Role.COLLECTION_CENTRE), form, on=day)
    return scan
