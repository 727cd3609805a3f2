"""What happens next with a case, in words: for its page, its list and the graduate's college."""

from __future__ import annotations

from gradphoto.apps.errata.kinds import Corrector, ErrataKind, Result
from gradphoto.apps.errata.models import CaseStatus, ErrataCase
from gradphoto.engine.wording import Wording

_ENDS = {
    CaseStatus.CONFIRMED: Wording(
        "学校把寄出的材料留底归档，注明存放处。", "The school files its copy of what was sent and says where it lies."
    ),
    CaseStatus.FILED: Wording("已办结归档，无需再办理。", "Done and filed; nothing is left to do."),
    CaseStatus.REFUSED: Wording(
        "对方不受理；如仍有错误，请按原因补充后重新提交。",
        "Refused; if it is still wrong, complete it and report it anew.",
    ),
    CaseStatus.WITHDRAWN: Wording("已撤回，无需再办理。", "Withdrawn; nothing is left to do."),
}
_MEND = {
    Result.REISSUED: Wording("补做照片并寄给学校，登记补发日期", "make the print again, mail it and enter the day"),
    Result.RESHOT: Wording("安排本人免费重拍", "shoot the person again, free of charge"),
    Result.CORRECTED: Wording("在数据库中更正并登记", "correct it in the database and enter it"),
}
_BY = {
    Corrector.REGISTRY: Wording("本校学籍管理", "the school's registry"),
    Corrector.AGENCY: Wording("图片社", "the picture agency"),
    Corrector.CENTRE: Wording("采集中心", "the collection centre"),
    Corrector.CHSI: Wording("学信网", "CHSI"),
}
"""Who mends it, as it stands inside a sentence."""


def next_step(case: ErrataCase) -> Wording:
    """One sentence: who does what now."""
    status = CaseStatus(case.status)
    if status in _ENDS:
        return _ENDS[status]
    who = _BY[Corrector(case.corrector)]
    if status is CaseStatus.DRAFTED:
        return _from_draft(case, who)
    if status is CaseStatus.SEALED:
        return Wording(f"寄给{who.zh}，登记日期、方式和收件人。", f"Send it to {who.en}: day, way, addressee.")
    if status is CaseStatus.SENT:
        return Wording(f"等{who.zh}收到后登记收到日期。", f"Enter the day when {who.en} has it.")
    if status is CaseStatus.RECEIVED:
        return _at_corrector(case, who)
    return Wording(
        "学校核对结果：正确就确认，不对就退回。", "The school looks at the result: confirm it, or send it back."
    )


def _from_draft(case: ErrataCase, who: Wording) -> Wording:
    if case.form_id is not None:
        return Wording(
            "到勘误表页打印、盖章并上传扫描件，再寄出。", "On the form's page: print, seal, upload the scan, send."
        )
    if case.needs_seal:
        return Wording(
            "生成勘误表（可在列表中勾选多件汇成一张），盖章后寄出。",
            "Make the form (tick several in the list for one form), have it sealed, send it.",
        )
    return Wording(f"直接转给{who.zh}，登记日期和方式。", f"Hand it to {who.en}: enter day and way.")


def _at_corrector(case: ErrataCase, who: Wording) -> Wording:
    if case.reshoot_id is not None:
        return Wording("采用重拍照片后，登记“已重拍”。", "Once the new frame is accepted, enter the reshoot.")
    if case.kind == ErrataKind.DATA_SHIFTED:
        return Wording(
            "到该场次修复照片与人员的对应，再登记更正。", "Repair the pairing of that session, then enter it."
        )
    ways = [_MEND[result] for result in case.facts.results]
    return Wording(
        f"由{who.zh}{'，或'.join(way.zh for way in ways)}。",
        f"{who.en[0].upper()}{who.en[1:]}: {', or '.join(way.en for way in ways)}.",
    )
