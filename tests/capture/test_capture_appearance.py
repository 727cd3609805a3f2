"""What no model can judge: the college's appearance lines, shown beside the person at the station (R120, R122, R123)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.actions import check_in
from gradphoto.apps.capture.appearance import note_appearance, open_lines
from gradphoto.apps.capture.models import AppearanceLine
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.stations import room_parts
from review_world import open_session
from verification.graduate_world import staff
from world import add_candidate, save

pytestmark = pytest.mark.django_db


def note(world, people, findings, role=Role.COUNSELLOR, day=None, **more):
    return note_appearance(
        world.actor(role), world.campaign, candidates=people, day=day or timezone.localdate(), findings=findings, **more
    )


def refused(code):
    return pytest.raises(Refusal, match=code)


def words(lines):
    return [line.finding for line in lines]


def test_r120_a_line_is_person_day_and_finding_and_stands_until_a_later_look_is_fine(world):
    people = [add_candidate(world, n) for n in (1, 2)]
    yesterday = timezone.localdate() - timedelta(days=1)
    assert note(world, people, ["hair_dyed", "beard"], day=yesterday) == 4
    assert note(world, people, ["beard"], day=yesterday) == 0, "the same again"
    note(world, people[:1], ["fine"])
    found = open_lines([one.pk for one in people])
    assert people[0].pk not in found
    assert words(found[people[1].pk]) == ["hair_dyed", "beard"]
    note(world, people[:1], ["jewellery"])
    assert words(open_lines([people[0].pk])[people[0].pk]) == ["jewellery"], "looked at once more the same day"
    assert AuditEntry.objects.filter(action="capture.note_appearance").count() == 4


@pytest.mark.usefixtures("still_clock")
def test_r123_who_looks_says_what_and_when(world):
    people = [add_candidate(world, 1)]
    with refused("appearance_ahead"):
        note(world, people, ["beard"], day=timezone.localdate() + timedelta(days=1))
    for nothing in ((people, []), ([], ["beard"])):
        with refused("appearance_nothing"):
            note(world, *nothing)
    with refused("appearance_both"):
        note(world, people, ["fine", "beard"])
    with refused("appearance_other"):
        note(world, people, ["other"], note=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        AppearanceLine.objects.create(candidate=people[0], day=timezone.localdate(), finding="other", noted_by="x")
    assert not AppearanceLine.objects.exists()


def test_r123_a_college_notes_its_own_people_only(world):
    own, other = add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)
    with pytest.raises(PermissionRefusal):
        note(world, [own, other], ["beard"])
    with pytest.raises(PermissionRefusal):
        note(world, [own], ["beard"], role=Role.PHOTOGRAPHER)
    assert note(world, [own, other], ["beard"], role=Role.REGISTRAR) == 2


def test_r120_the_station_shows_the_lines_beside_the_person_and_nobody_elses(world):
    session = open_session(world)
    person, other = add_candidate(world, 1), add_candidate(world, 2)
    note(world, [person], ["hair_dyed", "other"], note="额前一缕蓝发")
    note(world, [other], ["beard"])
    check_in(Actor.system("room"), session, candidate=person, method="manual", nonce="1" * 32)
    screen = staff(world, Role.PHOTOGRAPHER).get(reverse("capture:session", args=[session.pk])).content.decode()
    assert screen.count("学院仪容检查") == 2
    assert "染发" in screen
    assert "额前一缕蓝发" in screen
    assert "未剃须" not in screen
    english = staff(world, Role.PHOTOGRAPHER)
    english.cookies["django_language"] = "en"
    assert "College's check" in english.get(reverse("capture:session", args=[session.pk])).content.decode()


def test_r122_the_page_lists_who_is_not_looked_at_and_notes_those_ticked(world):
    people = [add_candidate(world, n) for n in (1, 2, 3)]
    page, address = staff(world, Role.COLLEGE_OFFICER), reverse("capture:appearance")
    assert page.get(address + "?state=unseen").content.decode().count('name="person"') == 3
    page.post(address, {
        "person": [one.pk for one in people[:2]], "day": str(timezone.localdate()), "findings": ["make_up"],
    })  # fmt: skip
    assert set(AppearanceLine.objects.values_list("candidate", flat=True)) == {one.pk for one in people[:2]}
    shown = page.get(address + "?state=open").content.decode()
    assert "浓妆" in shown
    assert people[2].student_no not in shown
    told = b"".join(page.get(reverse("capture:appearance_export") + "?format=csv")).decode("utf-8-sig")
    assert told.count("浓妆") == 2
    empty = page.post(address, {"day": str(timezone.localdate())})
    assert empty.status_code == 422
    assert "pages.required" in empty.content.decode()
    assert staff(world, Role.PHOTOGRAPHER).get(address).status_code == 403
    wrong = page.get(address, {"state": "nonsense"}).content.decode()
    assert "网址中的“" in wrong, "a tab has no field that could be marked: it says itself what is wrong"
    for asked in ({"campaign": "x"}, {"campaign": "999999"}, {"state": "x"}):
        answers = page.get(address, asked), page.get(reverse("capture:appearance_export"), asked)
        assert people[0].student_no not in answers[0].content.decode(), "another campaign is not what was asked for"
        assert (answers[1].status_code, answers[1].headers["Content-Type"][:9]) == (400, "text/html"), asked
    stranger = staff(world, Role.COLLEGE_OFFICER, stranger=True)
    assert people[0].student_no not in stranger.get(address).content.decode()


def test_r120_a_kit_carries_what_is_still_to_be_put_right_and_no_more(world):
    person, fine = add_candidate(world, 1), add_candidate(world, 2)
    note(world, [person], ["collar"], note="毛领")
    note(world, [fine], ["fine"])
    rows = room_parts.gather(world.campaign, [person.pk, fine.pk])
    assert [(row["candidate"], row["finding"], row["note"]) for row in rows] == [(person.pk, "collar", "毛领")]
    assert "counsellor" not in str(rows)
    AppearanceLine.objects.all().delete()
    room_parts.load(world.campaign, rows)
    assert words(open_lines([person.pk])[person.pk]) == ["collar"]


def test_a_second_programme_shows_the_lines_of_either_record(world):
    first, second = add_candidate(world, 1), add_candidate(world, 2)
    second.same_person = first
    save(second, "same_person")
    note(world, [second], ["beard"])
    assert words(open_lines([first.pk])[first.pk]) == ["beard"]


def test_a_list_put_down_late_is_settled_by_a_later_look_and_two_programmes_are_one_face(world):
    first, second = add_candidate(world, 1), add_candidate(world, 2)
    second.same_person = first
    save(second, "same_person")
    today = timezone.localdate()
    note(world, [second], ["beard"], day=today - timedelta(days=1))
    note(world, [first], ["fine"])
    assert open_lines([first.pk, second.pk]) == {}
    note(world, [first], ["hair_dyed"], day=today - timedelta(days=2))
    assert open_lines([first.pk]) == {}, "seen before it was fine"
    with pytest.raises(PermissionRefusal):
        note(world, [add_candidate(world, 3, department=world.other_department)], ["beard"])
