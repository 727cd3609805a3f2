"""Graduating and completing students (毕业 / 结业, R15) from the file to every paper and card; words a school adds (R14)."""

import io
from datetime import date

import openpyxl
import pypdfium2
import pytest

from gradphoto.apps.campaigns.code_tables import add_code_name, code_names_of, end_code_name
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.core.errors import InvalidInput, Refusal
from gradphoto.apps.makeup.cases import set_recipient
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Route
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.roster.papers.issuing import Selection, sheets
from gradphoto.apps.roster.template import template_workbook
from gradphoto.engine.cards import read_cards
from gradphoto.engine.roster import LintRules, lint, read_table
from verification.graduate_world import staff
from world import _WEIGHTS, TEST_REGION, add_candidate, made_up_id_number, save

pytestmark = pytest.mark.django_db
RULES = LintRules(date(2026, 3, 1), frozenset({TEST_REGION}))
HEAD = "学号,姓名,身份证号,院系,专业,培养层次,毕业季,毕（结）业\n"


def read(written, rules=RULES):
    row = f"2022000001,李明,{made_up_id_number(1)},计算机学院,软件工程,本科,春季,{written}\n"
    return lint(read_table((HEAD + row).encode()), rules)


@pytest.mark.parametrize(
    ("written", "kept"), [("毕业", "毕业"), ("结业", "结业"), ("结业生", "结业"), ("2", "结业"), ("", "")]
)
def test_r15_both_kinds_are_read_as_files_write_them(written, kept):
    assert read(written).rows[0].record.graduation_kind == kept


def test_r15_what_is_neither_is_asked_about_and_never_guessed():
    result = read("肄业")
    assert [(one.code, one.field) for one in result.findings] == [("roster.graduation_kind_unknown", "graduation_kind")]
    assert result.rows[0].record is None


def paper(world, kind):
    made = sheets(world.actor(Role.REGISTRAR), PAPERS[kind], Selection(world.campaign, "spring"))
    return PAPERS[kind].make(made[0])


@pytest.mark.parametrize("kind", ["check_table", "cards", "register", "added", "deleted", "headcount", "admission"])
def test_r15_every_paper_of_the_roster_says_who_completes(world, kind):
    person = add_candidate(world, status=CandidateStatus.REMOVED if kind == "deleted" else CandidateStatus.CHECKED)
    Candidate.objects.filter(pk=person.pk).update(graduation_kind="结业", origin="added", added_reason="遗漏")
    if kind == "admission":
        cases.fail_first_audit(world.actor(Role.REGISTRAR), person, field="name", reason="录取", route=Route.ADMISSION)
    book = openpyxl.load_workbook(io.BytesIO(paper(world, kind).to_xlsx("zh")))
    said = " ".join(str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell)
    assert "结业" in said.replace("毕（结）业", "")


def of_a_real_region(person):
    """A made-up number of a region that exists: cards take no region of demonstrations."""
    first = "11010120040305001"
    number = first + "10X98765432"[sum(int(c) * w for c, w in zip(first, _WEIGHTS, strict=True)) % 11]
    person.id_number, person.graduation_kind = number, "结业"
    save(person)


def test_r15_the_machine_card_prints_it_and_is_still_read_back(world):
    of_a_real_region(add_candidate(world, name="李明", status=CandidateStatus.CHECKED))
    Candidate.objects.update(class_name="甲班")
    world.department.code = "01"
    world.department.save()
    pdf = paper(world, "machine_cards").to_pdf()
    assert "结业" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    (reading,) = list(read_cards(pdf))
    assert reading.data.name == "李明"
    assert not reading.findings


def test_r15_the_person_sees_it_and_the_registry_corrects_it(world):
    person = add_candidate(world)
    assert "毕业" in staff(world, Role.REGISTRAR).get(f"/roster/{person.pk}/").content.decode()
    correct_candidate(world.actor(Role.REGISTRAR), person, field="graduation_kind", value="结业", reason="学分未修满")
    assert Candidate.objects.get(pk=person.pk).leaves_as == "结业"


def test_r14_a_word_the_school_added_is_known_to_its_rosters_and_to_nobody_elses(world):
    registrar = world.actor(Role.REGISTRAR)
    word = add_code_name(registrar, world.school, table="school_kind", name="师范院校", source="校教通〔2026〕1号")
    assert code_names_of(world.department) == {"school_kind": ("师范院校",)}
    assert code_names_of(world.strange_school) == {}
    head, row = HEAD.replace("毕（结）业", "所在校别"), "2022000001,李明,{},计算机学院,软件工程,本科,春季,师范院校\n"
    table = read_table((head + row.format(made_up_id_number(1))).encode())
    own = LintRules(RULES.today, RULES.test_regions, code_names=code_names_of(world.school))
    assert [one.code for one in lint(table, RULES).findings] == ["roster.school_kind_unknown"]
    assert not lint(table, own).findings
    end_code_name(registrar, word)
    assert code_names_of(world.school) == {}


def test_r44_the_card_has_eight_places_and_no_word_too_many(world):
    for n in range(4):
        add_code_name(world.actor(Role.REGISTRAR), world.school, table="school_kind", name=f"校别{n}", source="文件")
    with pytest.raises(InvalidInput) as refusal:
        add_code_name(world.actor(Role.REGISTRAR), world.school, table="school_kind", name="第九种", source="文件")
    assert refusal.value.code == "campaigns.code_full"


def test_r45_the_template_has_the_empty_column_of_the_shooting_number_and_reads_back():
    book = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    headings = [cell.value for cell in book.active[1]]
    assert headings[-1] == "拍摄序号"
    assert "毕（结）业" in headings


def test_r106_the_length_of_department_codes_is_the_schools(world):
    of_a_real_region(add_candidate(world, name="李明", status=CandidateStatus.CHECKED))
    assert len(paper(world, "machine_cards").cards) == 1
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="cards.department_digits", value="3", source="二",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    made = paper(world, "machine_cards")
    assert "3位数字" in made.unprintable[0][2]
    with pytest.raises(Refusal) as refusal:
        made.to_pdf()
    assert refusal.value.code == "roster.no_printable_cards"
    assert "（1 人）" in refusal.value.message.zh


def test_r114_a_make_up_card_carries_the_recipient_that_the_college_named_on_a_page(world):
    of_a_real_region(add_candidate(world, name="李明", status=CandidateStatus.CHECKED))
    assert "补拍—收件人" in paper(world, "make_up_cards").unprintable[0][2]
    set_recipient(
        world.actor(Role.REGISTRAR), world.campaign, unit=world.department, name="王秘书", phone="0730-1",
        address="岳阳市学院路", postcode="414006",
    )  # fmt: skip
    made = paper(world, "make_up_cards")
    pdf = made.to_pdf()
    (reading,) = list(read_cards(pdf))
    assert (reading.data.make_up.recipient, reading.data.make_up.postcode) == ("王秘书", "414006")
