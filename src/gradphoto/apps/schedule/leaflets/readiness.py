"""The readiness check list (R93) to print, tick and sign: a room's items (R89, R90) and the team's staff (R91)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.core.wording import say
from gradphoto.apps.schedule.catalogue import ITEMS, POSTS, Item
from gradphoto.apps.schedule.models import CollectionRoom, ReadinessCheck
from gradphoto.apps.schedule.problem import local
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_SOURCES = Wording(
    "依据：S0 辽宁2014届采集通知；S1 校教通〔2012〕104号；S2 江西2020届注意事项；S4 处发[2008]71号。",
    "Sources: S0 Liaoning notice 2014; S1 school notice 104 (2012); S2 Jiangxi notice 2020; S4 school notice 71 (2008).",
)
_BOXES = "□"
_PASSED, _FAILED = Wording("通过", "pass"), Wording("不通过", "fail")


def readiness_form(rooms: Iterable[CollectionRoom]) -> TableForm:
    """A page a room. What was looked at already is printed with who and when; the rest has boxes to tick."""
    listed = list(rooms)
    campaign = listed[0].campaign
    return TableForm(
        title=Wording("采集点准备情况检查表", "Readiness check list of a collection point"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        columns=(
            Column(Wording("序号", "No."), 11),
            Column(Wording("检查项目", "Item"), 0, "left"),
            Column(Wording("依据", "Source"), 30, "left"),
            Column(Wording("要求", "Must"), 16),
            Column(Wording("结果", "Result"), 36),
            Column(Wording("备注", "Remarks"), 28, "left"),
        ),
        sections=tuple(_section(room) for room in listed),
        dated=timezone.localtime(),
        notes=(
            Wording(
                "“必备”项有一项不通过的，该场地不参与编排。", "A room that fails one required item is not planned in."
            ),
            _SOURCES,
            *contact_lines(campaign),
        ),
        signatures=(Wording("检查人", "Checked by"), Wording("场地负责人", "In charge of the room"),
                    Wording("拍摄组", "Shooting team")),
    )  # fmt: skip


def _section(room: CollectionRoom) -> Section:
    checks = {check.item: check for check in room.checks.all()}
    rows = [_row(number, item, checks.get(item.code)) for number, item in enumerate(ITEMS, start=1)]
    for number, post in enumerate((post for post in POSTS if not post.of_college), start=len(rows) + 1):
        needed = post.needed(room.stations)
        words = Wording(f"{post.words.zh}：{needed}人到岗", f"{post.words.en}: {needed} in place")
        rows.append((str(number), say(words), post.source, say(_must(True)), _to_tick(), ""))
    halves = "；".join(f"{local(p.starts_at):%m-%d %H:%M}–{local(p.ends_at):%H:%M}" for p in room.periods.all())
    facts = (
        Fact(Wording("场地", "Room"), room.name),
        Fact(Wording("采集台", "Stations"), str(room.stations)),
        Fact(Wording("开放", "Open"), halves or "—"),
    )
    return Section(tuple(rows), facts)


def _row(number: int, item: Item, check: ReadinessCheck | None) -> tuple[str, ...]:
    if check is None:
        result, remark = _to_tick(), ""
    else:
        result = say(_PASSED if check.passed else _FAILED)
        remark = f"{check.checked_by} {local(check.checked_at):%m-%d %H:%M}"
    return (str(number), say(item.words), item.source, say(_must(item.required)), result, remark)


def _must(required: bool) -> Wording:
    return Wording("必备", "required") if required else Wording("最好有", "desirable")


def _to_tick() -> str:
    return f"{_BOXES} {say(_PASSED)}　{_BOXES} {say(_FAILED)}"
