"""The hand-over protocol of a package (R65, R153): what was handed over, class by class, signed and sealed by both."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.core import checkpoints
from gradphoto.apps.core.checkpoints import AUDIT_CODE
from gradphoto.apps.delivery.checking import classes_of
from gradphoto.apps.delivery.models import Package
from gradphoto.engine.documents.table_form import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording


def handover_protocol(package: Package) -> TableForm:
    """The protocol as a form, dated by the delivery; its number is the package's."""
    campaign, classes = package.campaign, classes_of(package)
    delivered = timezone.localtime(package.delivered_at or package.created_at)
    total = sum(part.photos for part in classes)
    rows = tuple(
        (
            str(number),
            part.department.name,
            part.name,
            str(part.photos),
            str(part.photos),
            f"学籍异动 {part.marked} 人" if part.marked else "",
        )
        for number, part in enumerate(classes, start=1)
    )
    return TableForm(
        title=Wording("毕业生图像交接单", "Hand-over protocol"),
        subtitle=Wording(f"{campaign.title} · {package.get_season_display()}", f"{campaign.title} · {package.season}"),
        issuer=Wording(campaign.centre.name, campaign.centre.name),
        number=str(package),
        dated=delivered,
        facts=(
            Fact(Wording("交付单位", "From"), campaign.centre.name),
            Fact(Wording("接收单位", "Receiver"), package.organisation.name),
            Fact(Wording("交付日期", "Handed over"), delivered.date().isoformat()),
            Fact(Wording("核对期限", "Check due"), package.check_due.isoformat() if package.check_due else "—"),
            Fact(Wording("清单摘要 SHA-256", "Manifest SHA-256"), package.manifest_sha256 or "—"),
            Fact(Wording("签名密钥", "Signing key"), package.key_id or "—"),
            Fact(AUDIT_CODE, checkpoints.covering(package.delivered_at)),
        ),
        columns=(
            Column(Wording("序号", "No."), 12),
            Column(Wording("院（系）", "Department"), align="left"),
            Column(Wording("班级", "Class"), 38, "left"),
            Column(Wording("照片", "Photographs"), 18, "right"),
            Column(Wording("信息卡", "Cards"), 18, "right"),
            Column(Wording("备注", "Remarks"), 34, "left"),
        ),
        sections=(
            Section(
                rows,
                total=Wording(f"合计：照片 {total} 张，图像信息卡 {total} 张", f"Total: {total} photos, {total} cards"),
            ),
        ),
        notes=(
            Wording(
                "接收单位须立即整理核对，核对时间尽量不超过一个月；缺片、损坏、有误的，在核对期限内登记并加盖公章报送。",
                "The receiver checks at once, within a month; what is missing, damaged or wrong is reported under seal.",
            ),
            Wording(
                "图像信息卡含本人登录校对系统的校对码，须逐一发给本人，妥善保管，不得代领代校。",
                "Cards hold the code of the graduate's own verification: hand each to its owner, keep them safe.",
            ),
            *contact_lines(campaign),
        ),
        signatures=(Wording("交付人", "Handed over by"), Wording("接收人", "Received by")),
        seal=Wording("接收单位公章", "Receiver's seal"),
    )
