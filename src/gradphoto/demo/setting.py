"""The made-up world of the demo: organisations, people with sign-ins, a rule set in which every value has a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.actions import create_campaign, create_rule_set, set_rule
from gradphoto.apps.campaigns.models import Campaign, RuleSet
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.actions import add_organisation, add_user
from gradphoto.apps.orgs.models import Organisation, OrganisationKind, Role, User
from gradphoto.demo.people import TEST_REGION, DepartmentPlan

SYSTEM = Actor.system("demo")

DEPARTMENTS = (
    DepartmentPlan("计算机学院", "计算机科学与技术", "计科22", 4, 120),
    DepartmentPlan("外语学院", "英语", "英语22", 2, 68),
    DepartmentPlan(
        "江城学习中心", "工商管理", "工商函22", 1, 24,
        season="秋季", level="专升本", degree_category="成人本科",
    ),
)  # fmt: skip
"""Who graduates: two departments in spring, one learning centre in autumn; 212 people."""

RULES: tuple[tuple[keys.Key[Any], Any, str, date], ...] = (
    (keys.FEE_FEN, 2000, "辽宁2014届采集通知 第十条（示范取值）", date(2013, 10, 9)),
    (
        keys.FEE_CHANNELS,
        ["on_the_day", "class", "college", "remittance"],
        "校教通〔2012〕104号 四（二）",
        date(2012, 12, 1),
    ),
    (keys.FEE_BEFORE_LIST, False, "本演示：当天现场交费", date(2026, 1, 1)),
    (keys.PHOTO_PROFILE, "mb2017_99", "教毕指〔2017〕99号", date(2017, 12, 1)),
    (keys.EXTRA_PROFILES, ["legacy_2009", "print_48x33"], "西北工业大学实施细则（暂行）四.2", date(2009, 9, 1)),
    (keys.BACKDROP, "light_blue", "教毕指〔2017〕99号", date(2017, 12, 1)),
    (keys.VERIFY_AFTER_DAYS, 40, "毕业生须知 第四条", date(2012, 12, 1)),
    (keys.VERIFY_AFTER_WORKDAYS, 40, "校教通〔2012〕104号 四（四）", date(2012, 12, 1)),
    (keys.DATABASE_WORKDAYS, 10, "江西2020届注意事项 三.5", date(2019, 9, 1)),
    (keys.ADMISSION_FORM_COPIES, 3, "处发[2008]71号 一.3", date(2008, 12, 2)),
    (keys.STATUS_FORM_COPIES, 2, "处发[2008]71号 一.3", date(2008, 12, 2)),
    (keys.SIGNING_DAYS, 30, "本演示：学校自定", date(2026, 1, 1)),
    (keys.DELIVERY_DAYS, 40, "毕业生须知 第四条", date(2012, 12, 1)),
    (keys.CHECK_MONTHS, 1, "辽宁2014届采集通知 十三.1", date(2013, 10, 9)),
    (
        keys.IDENTIFICATION,
        ["id_card_swipe", "manual", "makeup_qr", "mailed", "self_organised"],
        "校内采集：辽宁2014届采集通知 四.3、四.5、七；江西2020届注意事项 四；西北工业大学实施细则（暂行）四",
        date(2013, 10, 9),
    ),
    (keys.TEST_REGIONS, [TEST_REGION], "本演示：未分配的区划代码", date(2026, 1, 1)),
    (keys.FULL_TIME_PER_HOUR, 120, "江西2020届注意事项 一.2（100～150）", date(2019, 9, 1)),
    (keys.ADULT_PER_HOUR, 100, "江西2020届注意事项 一.2（80～120）", date(2019, 9, 1)),
    (keys.FULL_TIME_MOST, 150, "江西2020届注意事项 一.2（100～150）", date(2019, 9, 1)),
    (keys.ADULT_MOST, 120, "江西2020届注意事项 一.2（80～120）", date(2019, 9, 1)),
    (keys.SEASON_WINDOW, ["10-09", "02-28"], "辽宁2014届采集通知 一、十二", date(2013, 10, 9)),
    (keys.MAKE_UP_WINDOW, ["03-01", "04-30"], "辽宁2014届采集通知 一", date(2013, 10, 9)),
    (keys.REPORT_MONTHS, ["1", "2"], "江西2020届注意事项 二（提前一至二个月）", date(2019, 9, 1)),
    (keys.ERRATA_REISSUE_WORKDAYS, 5, "辽宁2014届采集通知 十三.1(1)", date(2013, 10, 9)),
    (
        keys.ERRATA_ROUTES,
        {
            "missing": "agency",
            "damaged": "agency",
            "bad_photo": "centre",
            "data_wrong": "registry",
            "data_shifted": "agency",
            "other_person": "agency",
            "blurred": "agency",
            "school_wrong": "agency",
            "no_image": "chsi",
        },
        "辽宁2014届采集通知 十三.1；毕业生须知 四",
        date(2013, 10, 9),
    ),
    (keys.EARLY_MINUTES, 10, "校教通〔2012〕104号 三（三）", date(2012, 12, 1)),
    (keys.STAFF_EARLY_MINUTES, 15, "处发[2008]71号 二.4", date(2008, 12, 2)),
    (keys.CHECK_TABLE, True, "校教通〔2012〕104号 三（一）", date(2012, 12, 1)),
    (keys.VERIFY_SITE, "中国高等教育学生信息网（www.chsi.com.cn）", "毕业生须知 第三条", date(2012, 12, 1)),
    (keys.ERRORS_OFFICE, "教务处208办公室", "校教通〔2012〕104号 三（二）", date(2012, 12, 1)),
)


@dataclass(slots=True)
class Setting:
    """The world by name; ``people`` by role, and for each department its officer and who else signs its check tables."""

    school: Organisation
    centre: Organisation
    departments: dict[str, Organisation]
    campaign: Campaign
    people: dict[str, User] = field(default_factory=dict)
    officers: dict[str, User] = field(default_factory=dict)
    counsellors: dict[str, User] = field(default_factory=dict)
    leaders: dict[str, User] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        """The person who holds the role, with roles read anew."""
        return Actor.of(User.objects.get(pk=self.people[role].pk))

    def officer(self, department: str) -> Actor:
        """The officer of a department or learning centre."""
        return Actor.of(User.objects.get(pk=self.officers[department].pk))

    def counsellor(self, department: str) -> Actor:
        """Who signs second under a department's rows (R38)."""
        return Actor.of(User.objects.get(pk=self.counsellors[department].pk))

    def leader(self, department: str) -> Actor:
        """Who signs third: the leader in charge, for a learning centre the head office."""
        return Actor.of(User.objects.get(pk=self.leaders[department].pk))


def make_setting(password: str) -> Setting:
    """Create everything through actions, as an administrator would."""
    kind = OrganisationKind
    national = add_organisation(SYSTEM, None, kind=kind.NATIONAL_CENTRE, name="国家学籍学历中心（演示）")
    agency = add_organisation(SYSTEM, national, kind=kind.AGENCY, name="图片社总部（演示）")
    centre = add_organisation(SYSTEM, agency, kind=kind.COLLECTION_CENTRE, name="示范省采集中心")
    school = add_organisation(
        SYSTEM, national, kind=kind.SCHOOL, name="示范大学", code="99901", name_en="Demo University"
    )
    departments = {
        plan.name: add_organisation(
            SYSTEM,
            school,
            kind=kind.LEARNING_CENTRE if "中心" in plan.name else kind.DEPARTMENT,
            name=plan.name,
            code=f"{number:02d}",
        )
        for number, plan in enumerate(DEPARTMENTS, start=1)
    }
    setting = Setting(school, centre, departments, _campaign(school, centre))
    homes = {
        Role.ADMINISTRATOR: (national, "admin", "系统管理员"),
        Role.AUDITOR: (national, "auditor", "安全审计员"),
        Role.REGISTRAR: (school, "registrar", "教务处老师"),
        Role.HEAD_OFFICE: (school, "headoffice", "党政办公室"),
        Role.SITE_STAFF: (school, "checker", "现场检验员"),
        Role.PHOTOGRAPHER: (centre, "photographer", "摄影师"),
        Role.COLLECTION_CENTRE: (centre, "centre", "采集中心"),
        Role.NATIONAL_REVIEWER: (national, "national", "国家中心审核员"),
    }
    for role, (home, username, name) in homes.items():
        person = add_user(SYSTEM, home, username=username, display_name=name, role=role)
        setting.people[role] = _with_password(person, password)
    for number, (name, department) in enumerate(departments.items(), start=1):
        _staff(setting, password, name, department, number)
    return setting


def _staff(setting: Setting, password: str, name: str, department: Organisation, number: int) -> None:
    """The people of one department; a learning centre has one officer, and the head office signs as its leader."""

    def add(username: str, title: str, role: Role) -> User:
        user = _with_password(add_user(SYSTEM, department, username=username, display_name=title, role=role), password)
        setting.people.setdefault(role, user)
        return user

    if department.kind == OrganisationKind.LEARNING_CENTRE:
        setting.officers[name] = setting.counsellors[name] = add("learning", f"{name}老师", Role.LEARNING_CENTRE)
        setting.leaders[name] = setting.people[Role.HEAD_OFFICE]
        return
    suffix = "" if number == 1 else str(number)
    setting.officers[name] = add(f"college{number}", f"{name}老师", Role.COLLEGE_OFFICER)
    setting.counsellors[name] = add(f"counsellor{suffix}", f"{name}辅导员", Role.COUNSELLOR)
    setting.leaders[name] = add(f"leader{suffix}", f"{name}院领导", Role.COLLEGE_LEADER)


def _with_password(user: User, password: str) -> User:
    """Everybody of the demo has the one password that is printed; a real person sets the own one by invitation."""
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def _campaign(school: Organisation, centre: Organisation) -> Campaign:
    rule_set: RuleSet = create_rule_set(SYSTEM, None, name="示范省2026届规则集")
    for key, value, source, since in RULES:
        set_rule(SYSTEM, rule_set, key=key, value=value, source=source, effective_from=since)
    return create_campaign(
        SYSTEM, school, cohort_year=2026, title="2026届毕业生图像采集", centre=centre, rule_set=rule_set
    )
