"""What the notices ask of a room and of its staff: the items of the check list and the posts (R89-R92)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradphoto.engine.wording import Wording

NOTICES: Mapping[str, str] = MappingProxyType(
    {"S0": "辽宁2014届", "S1": "校教通〔2012〕104号", "S2": "江西2020届", "S4": "处发[2008]71号"}
)
"""The short names of the notices; a paper has a legend of them (``leaflets.readiness``)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at in a room. ``required`` items that fail keep the room out of the plan."""

    code: str
    words: Wording
    source: str
    required: bool = True

    @property
    def written_source(self) -> str:
        """``source`` as a page tells it, which has no legend of the short names."""
        return re.sub(r"S\d", lambda short: NOTICES[short[0]], self.source)


@dataclass(frozen=True, slots=True)
class Post:
    """A post on the day, with how many persons it takes.

    ``of_college``: each college brings its own; ``each_photographer``: so many for every station of the point.
    """

    code: str
    words: Wording
    count: int
    source: str
    of_college: bool = True
    each_photographer: bool = False

    def needed(self, stations: int) -> int:
        """How many persons at a point with so many stations."""
        return self.count * stations if self.each_photographer else self.count


ITEMS = (
    Item("size", Wording("室内，面积约20平方米以上", "Indoors, about 20 m² or more"), "S0 五"),
    Item("doors", Wording("有进、出两道门", "Two doors, in and out"), "S0 五；S2 三.2", required=False),
    Item("curtains", Wording("窗户挂深色窗帘，遮光", "Windows shut off with dark curtains"), "S0 五；S2 三.2"),
    Item("power", Wording("有220V电源", "220 V power"), "S0 五"),
    Item("air", Wording("通风良好", "Ventilated"), "S2 三.2"),
    Item("own_room", Wording("每组采集点单独一间", "A room of its own for the group"), "S2 三.2；S0 五"),
    Item("ground_floor", Wording("最好在一楼", "Best on the ground floor"), "S2 三.2", required=False),
    Item("lock", Wording("能上锁，灯具可过夜", "Lockable: lights can stay overnight"), "S2 三.2"),
    Item("outside", Wording("室外有排队、休息的空间", "Space outside to queue and rest"), "S0 五；S2 三.2"),
    Item("quiet", Wording("场地安静，当天不作他用", "Quiet, and nothing else booked there"), "S1 四（六）；S2 三.3"),
    Item(
        "desk", Wording("每名摄影师登记桌1张、椅子4把", "A registration desk and four chairs per photographer"), "S0 五"
    ),
    Item("stool", Wording("无靠背凳子1张", "One backless stool"), "S2 三.2"),
    Item("tables", Wording("工作人员桌椅2—4套", "Two to four sets of desk and chair"), "S2 三.2"),
    Item("mirror", Wording("镜子及梳子", "Mirror and comb"), "S2 三.2", required=False),
    Item("computer", Wording("采集电脑与U盘，数据已拷入", "Computer and USB stick, data copied in"), "S0 四.2"),
)
POSTS = (
    Post("leader", Wording("负责人", "Person responsible"), 1, "S1 附件1"),
    Post("counsellor", Wording("毕业班辅导员（到场）", "Counsellor, present"), 1, "S4 二.4"),
    Post("doors", Wording("进出口秩序", "Order at entrance and exit"), 2, "S4 二.4"),
    Post("queue", Wording("按序号组织排队", "Lines students up by number"), 1, "S4 二.4"),
    Post("form", Wording("现场填写登记表", "Fills in the form on the spot"), 1, "S4 二.4"),
    Post("typing", Wording("拍摄序号输机", "Types the shooting number"), 1, "S4 二.4"),
    Post("outside", Wording("场外秩序", "Order outside"), 1, "S4 二.4"),
    Post("checker", Wording("检验确认刷卡信息", "Checks each swiped record"), 1, "S0 四.4、六", of_college=False),
    Post(
        "assistant",
        Wording("协助拍摄（每名摄影师）", "Assistant, per photographer"),
        3,
        "S0 五",
        of_college=False,
        each_photographer=True,
    ),
    Post("order", Wording("采集点秩序", "Order at the point"), 2, "S0 五", of_college=False),
    Post(
        "cadre",
        Wording(
            "学生干部或教师（学校综合信息采集工作组，每组1～2人）",
            "Student cadre or teacher of the school's joint work group, one or two a group",
        ),
        1,
        "S2 三.3",
        of_college=False,
        each_photographer=True,
    ),
)
ITEM = {item.code: item for item in ITEMS}
POST = {post.code: post for post in POSTS}
