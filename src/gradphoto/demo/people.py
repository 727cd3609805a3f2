"""A roster of made-up graduates with planted faults: the file a real registrar might send.

All ID numbers carry the unassigned region code 990101 (the demo's rule set names it as a test region) with right
check digits, so that no number can belong to a real person.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.standards.identity import check_digit
from gradphoto.engine.workbooks import open_workbook

TEST_REGION = "990101"
HEADER_ROW = 3

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单解"
_GIVEN_M = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆亮嘉诚泽楷博文昊天子轩晨曦思远一鸣景行致知镕喆堃"
_GIVEN_F = "芳娜敏静丽艳娟霞秀兰玲桂英慧雪琳倩佳颖欣怡梦洁雨婷诗涵若曦语桐思琪晓萱可馨安然知夏书瑶祎玥彤菲蕾"
_MINORITY = ("阿依古丽·买买提", "巴特尔·孟和", "扎西·次仁", "古丽娜尔·艾合买提")
_PLACES = (
    "湖南省平江县",
    "湖南省岳阳市",
    "辽宁省海城市",
    "江西省上饶市",
    "陕西省蓝田县",
    "四川省彭州市",
    "河南省林州市",
    "广东省台山市",
)
_POLITICAL = ("共青团员", "共青团员", "共青团员", "中共党员", "中共预备党员", "群众")


@dataclass(frozen=True, slots=True)
class DepartmentPlan:
    """A department and the classes it graduates."""

    name: str
    major: str
    class_prefix: str
    classes: int
    headcount: int
    season: str = "春季"
    level: str = "本科"
    degree_category: str = "本科"
    school_kind: str = "普通高校"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault put in on purpose: the row as the spreadsheet counts, the field, and the code the check must give."""

    row_number: int
    field: str
    code: str


@dataclass(slots=True)
class RosterPlan:
    """The rows of the made-up roster by field, and the faults planted in them."""

    rows: list[dict[str, str]]
    faults: list[PlantedFault] = field(default_factory=list)


def make_roster(departments: Sequence[DepartmentPlan], seed: int = 2026) -> RosterPlan:
    """The same people for the same seed; the faults stand in rows spread over the file."""
    rng = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    plan = RosterPlan([])
    for number, department in enumerate(departments, start=1):
        for place in range(department.headcount):
            plan.rows.append(_person(rng, department, number, place, len(plan.rows)))
    _plant(plan)
    return plan


def _person(rng: random.Random, department: DepartmentPlan, number: int, place: int, serial: int) -> dict[str, str]:
    male = rng.random() < 0.5
    born = date(2003, 9, 1) + timedelta(days=rng.randrange(365))
    minority = rng.random() < 0.02
    first17 = f"{TEST_REGION}{born:%Y%m%d}{(serial * 2 + male) % 1000:03d}"
    class_no = place * department.classes // department.headcount + 1
    given = _GIVEN_M if male else _GIVEN_F
    name = rng.choice(_SURNAMES) + "".join(rng.sample(given, rng.choice((1, 2, 2, 2))))
    return {
        "student_no": f"2022{number:02d}{place + 1:04d}",
        "name": rng.choice(_MINORITY) if minority else name,
        "sex": "男" if male else "女",
        "birth_date": f"{born:%Y%m%d}",
        "id_number": first17 + check_digit(first17),
        "political_status": rng.choice(_POLITICAL),
        "ethnic_group": "维吾尔族"
        if minority
        else rng.choice(("汉族", "汉族", "汉族", "汉族", "土家族", "苗族", "满族")),
        "native_place": rng.choice(_PLACES),
        "department": department.name,
        "class_name": f"{department.class_prefix}{class_no:02d}",
        "major": department.major,
        "direction": "",
        "level": department.level,
        "length_of_study": "4" if department.level == "本科" else "2.5",
        "entry_date": "20220901",
        "season": department.season,
        "degree_category": department.degree_category,
        "school_kind": department.school_kind,
        "graduation_kind": "毕业",
        "remarks": "",
    }


def _plant(plan: RosterPlan) -> None:
    rows = plan.rows

    def put(index: int, name: str, value: str, code: str) -> None:
        rows[index][name] = value
        plan.faults.append(PlantedFault(HEADER_ROW + 1 + index, name, f"roster.{code}"))

    spaced = rows[4]["name"]
    put(4, "name", f"{spaced[0]} {spaced[1:]}", "name_space")
    number = rows[17]["id_number"]
    put(17, "id_number", number[:17] + ("0" if number[17] != "0" else "1"), "id_check_digit")
    # 15-digit numbers know no 21st century: this person is older, as many in adult education are.
    rows[31].update(birth_date="19860305", sex="男", length_of_study="2.5")
    put(31, "id_number", f"{TEST_REGION}860305001", "id_15_digits")
    put(45, "id_number", rows[44]["id_number"], "duplicate")
    rows[45].update(birth_date=rows[44]["birth_date"], sex=rows[44]["sex"])
    year = int(rows[58]["birth_date"][:4])
    put(58, "birth_date", f"{year - 1}{rows[58]['birth_date'][4:]}", "birth_date_contradicts_id")
    put(73, "political_status", "团员", "political_status_unknown")
    put(90, "major", "", "required")
    put(112, "student_no", rows[111]["student_no"], "duplicate")


def write_roster_xlsx(plan: RosterPlan, title: str) -> bytes:
    """The roster as schools send it: a title over two rows, the headings in row 3, everything as text."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet("预计毕业生")
    bold = workbook.add_format({"bold": True, "align": "center"})
    sheet.merge_range(0, 0, 0, len(TITLES) - 1, title, bold)
    sheet.write_string(1, 0, "填表说明：身份证号按文本填写；春、秋季毕业生分别注明。")
    for column, (name, heading) in enumerate(TITLES.items()):
        sheet.write_string(HEADER_ROW - 1, column, heading, bold)
        for line, row in enumerate(plan.rows, start=HEADER_ROW):
            sheet.write_string(line, column, row[name])
    sheet.set_column(0, len(TITLES) - 1, 14)
    workbook.close()
    return out.getvalue()
