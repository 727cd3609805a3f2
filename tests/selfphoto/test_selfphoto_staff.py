"""What the college hands out and sees, what people are told, and what the reviewer has beside the photograph."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from PIL import Image

from fetched import fetched
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import jobs
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.models import Export
from gradphoto.apps.review import actions as review
from gradphoto.apps.review.standing import review_of
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.selfphoto import comparing
from gradphoto.apps.selfphoto.lists import PEOPLE
from gradphoto.apps.selfphoto.models import Comparison, PersonalLink, PersonNotice, PortraitTry, SelfPortrait
from gradphoto.apps.verification.notices.models import Channel, ContactPoint
from gradphoto.demo.sitters import picture
from makeup.makeup_world import client
from review_world import seen
from selfphoto.selfphoto_world import agreed, good, let_in, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db
LIST = "/self-photographs/"


def contact(person, channel=Channel.SMS):
    ContactPoint.objects.create(candidate=person, channel=channel, address="13900000000")


def handed_in(world, person, **more):
    browser = agreed(world, person, **more)
    browser.post(send(browser, good()).json()["submit_url"])
    return browser


def told():
    path = Path(settings.DATA_DIR, "outbox", "sms.jsonl")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def test_slips_open_the_page_and_who_cannot_have_one_is_named():
    world = self_photo_world()
    people = [somebody(world, n) for n in (1, 2)]
    counsellor = client(world, Role.COUNSELLOR)
    page = counsellor.post(LIST, {"people": [one.pk for one in people], "how": "slips"})
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store, private"
    html = page.content.decode()
    assert html.count("data:image/svg+xml") == 2
    assert "roster/roster.css" in html, "whose sheet lays the slips out"
    assert "/my-photo/ 输入上面的拍摄码" in html, "for whom no camera reads the code"
    codes = [one for one in PersonalLink.objects.all() if one.is_live]
    assert len(codes) == 2
    nobody = counsellor.post(LIST, {"how": "slips"})
    assert nobody.status_code == 409
    assert "没有选中任何人" in nobody.content.decode()


@pytest.mark.parametrize("groups", [("everybody",), ()])
def test_the_totals_say_how_long_the_list_is_with_who_began_and_is_not_invited_any_more(groups):
    world = self_photo_world(groups)
    gone, begun, _ = people = [somebody(world, n) for n in (1, 2, 3)]
    for one in (gone, begun):
        SelfPortrait.objects.create(candidate=one)
    with writes_allowed():
        Candidate.objects.filter(pk=gone.pk).update(status=CandidateStatus.REMOVED)
    listed = len(people) if groups else 2
    for query in ("", f"campaign={world.campaign.pk}", f"season={begun.season}&department={begun.department_id}"):
        asked = PEOPLE.asked(world.actor(Role.COUNSELLOR), QueryDict(query))
        with CaptureQueriesContext(connection) as statements:
            number = asked.page.paginator.count
        assert number == asked.rows.count() == len(asked.shown) >= listed, query
        assert all(
            "self_portrait" in one["sql"] or "selfphoto_" in one["sql"]
            for one in statements
            if "COUNT(*)" in one["sql"]
        )
    assert [asked.listing.columns[5].value(one, None) for one in asked.shown] == [0] * number


def test_a_workbook_of_links_for_all_that_fit_is_the_askers_alone():
    world = self_photo_world()
    people = [somebody(world, n) for n in (1, 2, 3)]
    counsellor = client(world, Role.COUNSELLOR)
    words = people[0].student_no
    answer = counsellor.post(f"{LIST}?q={words}", {"all_that_fit": "on", "how": "file"})
    assert answer.status_code == 302
    export = Export.objects.get()
    jobs.run(export.job_id)
    sheet = load_workbook(io.BytesIO(fetched(export, counsellor))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [words]
    code = rows[1][5].replace(" ", "")
    assert rows[1][4].endswith(f"/my-photo/l/{code}/")
    let_in(world, people[0], code)
    assert client(world, Role.REGISTRAR).get(f"/exports/{export.pk}/file/").status_code in (403, 404)
    assert people[0].id_number.decrypt() not in str(rows)


def test_a_link_by_message_counts_as_sent_only_where_a_carrier_took_it(settings):
    world = self_photo_world()
    reached, without = somebody(world, 1), somebody(world, 2)
    contact(reached)
    before = len(told())
    client(world, Role.COUNSELLOR).post(LIST, {"people": [reached.pk, without.pk], "how": "message"})
    job = Job.objects.get(kind="selfphoto.send_links")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.issues.count() == 2, "one has no address; the other's message stands in the outbox: nobody was told"
    assert PersonNotice.objects.get().sent_at is None
    assert "/my-photo/l/" in told()[before]["text"]
    assert not PersonalLink.objects.filter(portrait__candidate=without).exists(), "no link that nobody has"
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    client(world, Role.COUNSELLOR).post(LIST, {"people": [reached.pk], "how": "message"})
    job = Job.objects.filter(kind="selfphoto.send_links").latest("created_at")
    jobs.run(job.pk)
    assert PersonNotice.objects.filter(sent_at__isnull=False).count() == 1
    code = told()[-1]["text"].partition("/my-photo/l/")[2].partition("/")[0]
    let_in(world, reached, code)


def test_the_person_is_told_of_the_decision_once_and_not_of_one_taken_back():
    world = self_photo_world(SELF_PHOTO_FOUR_EYES=False)
    person = somebody(world)
    contact(person)
    handed_in(world, person)
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    before = len(told())
    decision = review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.hair"])
    review.undo(registrar, review_of(frame), decision=decision)
    review.accept(registrar, review_of(frame), seen=seen(frame))
    for job in Job.objects.filter(kind="selfphoto.tell").order_by("created_at"):
        jobs.run(job.pk)
        jobs.run(job.pk)
    texts = [one["text"] for one in told()[before:]]
    assert len(texts) == 1
    assert "审核通过" in texts[0]
    assert person.student_no not in texts[0]


def test_the_list_and_the_page_of_a_person_tell_where_each_stands():
    world = self_photo_world(SELF_PHOTO_FOUR_EYES=False)
    person = somebody(world)
    somebody(world, 2)
    handed_in(world, person)
    counsellor = client(world, Role.COUNSELLOR)
    page = counsellor.get(f"{LIST}?status=submitted").content.decode()
    assert page.count(person.student_no) >= 1
    assert "0002" not in page.partition("<tbody")[2]
    detail = counsellor.get(f"{LIST}{person.pk}/").content.decode()
    assert "等待审核" in detail
    assert "2026-11" in detail, "the version of what was agreed to"
    file = counsellor.get(f"{LIST}export/")
    assert file.status_code == 200


def test_the_comparison_is_evidence_where_rule_and_person_allow_it(monkeypatch):
    world = self_photo_world(SELF_PHOTO_COMPARE=True, SELF_PHOTO_FOUR_EYES=False)
    person = somebody(world)
    comparing.keep_reference(world.actor(Role.REGISTRAR), person, data=picture("person_02"), origin="录取照片")
    browser = handed_in(world, person, compare="on")
    jobs.run(Job.objects.get(kind="selfphoto.compare").pk)
    kept = Comparison.objects.get()
    assert -1 <= kept.score <= 1
    assert kept.rule_source
    frame = Frame.objects.get()
    reviewer = client(world, Role.REGISTRAR)
    page = reviewer.get(f"/capture/review/?campaign={world.campaign.pk}&frame={frame.pk}&state=all").content.decode()
    assert "本人用手机拍摄" in page
    assert "录取照片" in page
    assert "仅供参考" in page
    reference = person.reference_photograph
    assert reviewer.get(f"{LIST}references/{reference.pk}/").status_code == 200
    assert client(world, Role.COUNSELLOR).get(f"{LIST}references/{reference.pk}/").status_code == 403
    browser.post("/my-photo/consent/withdraw/", {"purpose": "compare"})
    assert not Comparison.objects.exists()


def test_without_consent_or_rule_nothing_is_compared():
    world = self_photo_world(SELF_PHOTO_COMPARE=True)
    person = somebody(world)
    comparing.keep_reference(world.actor(Role.REGISTRAR), person, data=picture("person_02"), origin="录取照片")
    handed_in(world, person)
    assert not Job.objects.filter(kind="selfphoto.compare").exists()


def test_a_new_backdrop_is_no_reason_to_photograph_again_and_the_original_stays():
    world = self_photo_world(NEW_BACKGROUND="white")
    browser = agreed(world, somebody(world))
    said = send(browser, _before_red()).json()
    backdrop = [one for one in said["findings"] if one["code"] == "portrait.backdrop_colour"]
    assert [one["outcome"] for one in backdrop] == ["review"]
    assert "更换" in backdrop[0]["advice"]
    assert browser.get(said["picture"]["portrait_url"]).status_code == 200
    assert PortraitTry.objects.get().blob is not None
    assert SelfPortrait.objects.get().status == "tried"


def _before_red():
    """The same sitter before a red wall: the pale backdrop painted over."""
    pixels = np.array(Image.open(io.BytesIO(good())).convert("RGB"))
    corner = pixels[5, 5].astype(int)
    wall = np.abs(pixels.astype(int) - corner).sum(axis=2) < 60
    pixels[wall] = (190, 40, 40)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()
