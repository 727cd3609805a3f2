"""A small world for tests: the organisation tree, one person per role, a campaign with its rules, a few candidates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Sex

TEST_REGION = "990101"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

RULES = {
    keys.FEE_FEN: 2000,
    keys.FEE_CHANNELS: ["on_the_day", "class", "college", "school", "remittance", "online"],
    keys.FEE_GATEWAY: "test",
    keys.PHOTO_PROFILE: "mb2017_99",
    keys.EXTRA_PROFILES: ["legacy_2009", "print_48x33"],
    keys.BACKDROP: "light_blue",
    keys.VERIFY_AFTER_DAYS: 40,
    keys.VERIFY_AFTER_WORKDAYS: 40,
    keys.DATABASE_WORKDAYS: 10,
    keys.ADMISSION_FORM_COPIES: 3,
    keys.STATUS_FORM_COPIES: 2,
    keys.SIGNING_DAYS: 30,
    keys.CHECK_MONTHS: 1,
    keys.IDENTIFICATION: ["id_card_swipe", "manual"],
    keys.TEST_REGIONS: [TEST_REGION],
    keys.FULL_TIME_PER_HOUR: 120,
    keys.ADULT_PER_HOUR: 100,
    keys.EARLY_MINUTES: 10,
    keys.ERRATA_REISSUE_WORKDAYS: 5,
    keys.ERRATA_ROUTES: {
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
}


def made_up_id_number(n: int, born: date = date(2004, 3, 5), male: bool = False) -> str:
    """A number in the test region with a right check digit; the n-th of a birthday."""
    first = f"{TEST_REGION}{born:%Y%m%d}{n * 2 + (1 if male else 0):03d}"
    return first + "10X98765432"[sum(int(c) * w for c, w in zip(first, _WEIGHTS, strict=True)) % 11]


@dataclass
class World:
    """Everything by name; ``people`` by role, and a stranger's school beside it."""

    national: Organisation
    agency: Organisation
    centre: Organisation
    school: Organisation
    department: Organisation
    other_department: Organisation
    learning_centre: Organisation
    strange_school: Organisation
    strange_department: Organisation
    campaign: Campaign
    people: dict[str, User] = field(default_factory=dict)
    strangers: dict[str, User] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        """The person of this world who holds the role."""
        return Actor.of(User.objects.get(pk=self.people[role].pk))

    def stranger(self, role: Role) -> Actor:
        """Somebody with the same role in another school or centre."""
        return Actor.of(User.objects.get(pk=self.strangers[role].pk))


def build_world() -> World:
    """The tree: national centre > agency > collection centre, national centre > school > departments, learning centre."""
    make = Organisation.objects.create
    kind = OrganisationKind
    national = make(kind=kind.NATIONAL_CENTRE, name="国家中心")
    agency = make(kind=kind.AGENCY, name="图片社", parent=national)
    centre = make(kind=kind.COLLECTION_CENTRE, name="示范采集中心", parent=agency)
    school = make(kind=kind.SCHOOL, name="示范大学", code="99901", parent=national)
    department = make(kind=kind.DEPARTMENT, name="计算机学院", code="01", parent=school)
    other_department = make(kind=kind.DEPARTMENT, name="外语学院", code="02", parent=school)
    learning_centre = make(kind=kind.LEARNING_CENTRE, name="江城学习中心", code="901", parent=school)
    strange_school = make(kind=kind.SCHOOL, name="他校", code="99902", parent=national)
    strange_department = make(kind=kind.DEPARTMENT, name="他校学院", code="01", parent=strange_school)
    strange_centre = make(kind=kind.COLLECTION_CENTRE, name="他省采集中心", parent=agency)
    rule_set = RuleSet.objects.create(name="测试规则集")
    since = date(2020, 1, 1)
    Rule.objects.bulk_create(
        Rule(rule_set=rule_set, key=key.name, value=value, source="测试", effective_from=since)
        for key, value in RULES.items()
    )
    campaign = Campaign.objects.create(
        cohort_year=2026, title="2026届图像采集", school=school, centre=centre, rule_set=rule_set, status="collecting"
    )
    world = World(
        national, agency, centre, school, department, other_department, learning_centre,
        strange_school, strange_department, campaign,
    )  # fmt: skip
    homes = {
        Role.ADMINISTRATOR: (national, strange_school),
        Role.AUDITOR: (national, strange_school),
        Role.REGISTRAR: (school, strange_school),
        Role.COLLEGE_OFFICER: (department, strange_department),
        Role.COLLEGE_LEADER: (department, strange_department),
        Role.COUNSELLOR: (department, strange_department),
        Role.LEARNING_CENTRE: (learning_centre, strange_department),
        Role.HEAD_OFFICE: (school, strange_school),
        Role.TEACHING_SECRETARY: (department, strange_department),
        Role.STUDENT_AFFAIRS: (school, strange_school),
        Role.PHOTOGRAPHER: (centre, strange_centre),
        Role.SITE_STAFF: (school, strange_school),
        Role.COLLECTION_CENTRE: (centre, strange_centre),
        Role.NATIONAL_REVIEWER: (national, strange_school),
    }
    held = []
    for role, places in homes.items():
        for people, prefix, organisation in zip(
            (world.people, world.strangers), ("", "stranger_"), places, strict=True
        ):
            people[role] = User(username=f"{prefix}{role}", display_name=f"{prefix}{role}")
            held.append(Membership(user=people[role], organisation=organisation, role=role))
    User.objects.bulk_create(membership.user for membership in held)
    Membership.objects.bulk_create(held)
    return world


def add_candidate(
    world: World,
    n: int = 1,
    *,
    department: Organisation | None = None,
    season: Season = Season.SPRING,
    status: CandidateStatus = CandidateStatus.ACCEPTED,
    name: str | None = None,
) -> Candidate:
    """The n-th candidate: student number, name and ID number follow from n."""
    born = date(2004, 3, 5)
    number = made_up_id_number(n, born, male=n % 2 == 1)
    return Candidate.objects.create(
        campaign=world.campaign,
        department=department or world.department,
        season=season,
        class_name="计科2201",
        student_no=f"2022{n:06d}",
        name=name or f"测试{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{n}".rstrip("0123456789"),
        sex=Sex.MALE if n % 2 else Sex.FEMALE,
        birth_date=born,
        id_number=number,
        id_number_index=blind_index(number),
        major="计算机科学与技术",
        level="本科",
        degree_category="本科",
        school_kind="普通高校",
        status=status,
    )


def put(rows: Any, **values: Any) -> int:
    """Set rows of a world to a state as it stands, with what goes with it; the product moves them by their lifecycle."""
    with writes_allowed():
        return rows.update(**values)


def save(record: Any, *fields: str) -> None:
    """Write one record of a world whatever its lifecycle says."""
    with writes_allowed():
        record.save(update_fields=fields or None)
