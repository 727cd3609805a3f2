"""Two papers of the room: the form filled at the scene (登记表格, R50) and the sign at its door (R82, R132)."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.schedule.leaflets.duty import NO_OTHERS
from gradphoto.apps.schedule.models import CaptureSession, Slot
from gradphoto.apps.schedule.problem import local
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_SEASONS = {"spring": "春季", "autumn": "秋季"}


def _slots(session: CaptureSession) -> list[Slot]:
    return list(session.slots.select_related("department").order_by("starts_at", "department__path"))


def registration_form(session: CaptureSession) -> TableForm:
    """One class a page in shooting order: pre-assigned number printed, the shooting number and the camera's written in (R50)."""
    sections = []
    for slot in _slots(session):
        people = slot.appointments.select_related("candidate").order_by("position")
        rows = tuple(
            (
                str(one.position), one.candidate.preassigned_label, one.candidate.student_no, one.candidate.name,
                one.candidate.leaves_as, "", "", "",
            )
            for one in people
        )  # fmt: skip
        facts = (
            Fact(Wording("时间", "Time"), f"{local(slot.starts_at):%Y-%m-%d %H:%M}—{local(slot.ends_at):%H:%M}"),
            Fact(Wording("班级", "Class"), f"{slot.department.name} {slot.class_name}".strip()),
            Fact(Wording("毕业季", "Season"), _SEASONS[slot.season]),
        )
        sections.append(Section(rows, facts, Wording(f"共 {len(rows)} 人", f"{len(rows)} persons")))
    campaign = session.campaign
    return TableForm(
        title=Wording("图像信息采集现场登记表", "Registration form of the scene"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        subtitle=Wording(f"{campaign.cohort_year}届 {session.place}", f"Class of {campaign.cohort_year}, {session.place}"),
        columns=(
            Column(Wording("顺序", "Order"), 13), Column(Wording("预拍摄序号", "Pre-no."), 22),
            Column(Wording("学号", "Student no."), 32), Column(Wording("姓名", "Name"), 0, "left"),
            Column(Wording("毕（结）业", "Leaves as"), 15), Column(Wording("实际拍摄序号", "Shooting no."), 26),
            Column(Wording("照片序号", "Camera's no."), 22), Column(Wording("备注", "Remarks"), 22),
        ),
        sections=tuple(sections) or (Section(()),),
        dated=timezone.localtime(),
        notes=(
            Wording("按顺序拍摄，当场填写实际拍摄序号和照片序号，二者须一一对应；未到的写“缺”。",
                    "Shot in this order; write down the shooting number and the camera's, which correspond one to one."),
            *contact_lines(campaign),
        ),
        signatures=(Wording("登记人", "Filled in by"), Wording("辅导员", "Counsellor")),
        row_height_mm=7.5,
    )  # fmt: skip


def room_sign(session: CaptureSession) -> TableForm:
    """The sign at the door: who is called when, that the room is reserved (R82), and that nobody else comes in (R132)."""
    rows = tuple(
        (
            f"{local(slot.starts_at):%H:%M}—{local(slot.ends_at):%H:%M}", slot.department.name, slot.class_name,
            _SEASONS[slot.season],
        )
        for slot in _slots(session)
    )  # fmt: skip
    campaign = session.campaign
    return TableForm(
        title=Wording("毕业生图像采集点", "Graduates' photographs"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        subtitle=Wording(f"{session.place}　{session.date:%Y年%m月%d日}", f"{session.place}, {session.date:%Y-%m-%d}"),
        columns=(
            Column(Wording("时间", "Time"), 44), Column(Wording("学院", "College"), 0, "left"),
            Column(Wording("班级", "Class"), 60), Column(Wording("毕业季", "Season"), 26),
        ),
        sections=(Section(rows),),
        dated=timezone.localtime(),
        notes=(
            Wording("采集期间本场地专用，不安排其他活动。", "The room is reserved; nothing else takes place here."),
            NO_OTHERS,
            Wording("请凭身份证按学号顺序排队，保持安静。", "Queue by student number with your ID card, and keep quiet."),
        ),
        landscape=True,
        size_pt=14,
    )  # fmt: skip
