"""The pages: the station's picture, the review and its fragments, the person, the statistics, and who may open them."""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from gradphoto.apps.capture import actions as room
from gradphoto.apps.capture.assessments import present_assessment
from gradphoto.apps.capture.models import FramePreview
from gradphoto.apps.core import blobs
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions
from gradphoto.apps.review.standing import review_of
from page_text import flat
from review_world import CREW, another, at, many_frames, open_session, seen, shoot
from world import add_candidate, save

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/capture/review/?season=spring"}


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def registrar(world):
    return browser(world.people[Role.REGISTRAR])


def browser(user) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def text(answer) -> str:
    return flat(answer)


def decide(client, frame, choice, following="", headers=HTMX, **more):
    now = seen(frame)
    sent = {"choice": choice, "version": now.version, "assessment": now.assessment_pk or "", "next": following, **more}
    return client.post(f"/capture/review/frames/{frame.pk}/decide/", sent, headers=headers)


def test_the_station_shows_the_frame_with_its_verdict_drawn_on_it(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1), "defect_roll", accept=False)
    page = text(registrar.get(f"/capture/{session.pk}/"))
    assert 'viewBox="' in page
    assert f"/capture/frames/{frame.pk}/image/?size=preview" in page
    roll = next(one for one in present_assessment(frame).findings if one["code"] == "portrait.head_roll")
    assert 9 < roll["value"] < 16, "the demo leans this picture by 10 to 15 degrees"
    assert f"头部左右倾斜 {roll['value']:.1f}°" in page
    for key in "arh":
        assert f'data-key="{key}"' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page), "nothing the content policy forbids"


def test_the_station_answers_only_when_something_has_happened(world, session, registrar):
    page = text(registrar.get(f"/capture/{session.pk}/"))
    ask = re.search(r'hx-get="([^"]+)"', page).group(1)
    assert registrar.get(ask, headers=HTMX).status_code == 204
    frame = shoot(session, add_candidate(world, 1), "person_01", accept=False)
    answer = registrar.get(ask, headers=HTMX)
    assert answer.status_code == 200
    assert "各项均符合要求" in text(answer)
    ask = re.search(r'hx-get="([^"]+)"', text(answer)).group(1)
    room.accept_frame(CREW, frame.check_in, frame=frame)
    assert "上一位" in text(registrar.get(ask, headers=HTMX)), "the last picture stays until the next person"


def test_the_station_keeps_a_doubtful_frame_for_the_review(world, session):
    frame = shoot(session, add_candidate(world, 1), "defect_blue_shirt", accept=False)
    photographer = browser(world.people[Role.PHOTOGRAPHER])
    photographer.post(f"/capture/frames/{frame.pk}/decide/", {"decision": "hold"})
    frame.refresh_from_db()
    assert (frame.status, frame.check_in.status, review_of(frame).state) == ("accepted", "shot", "held")


def test_a_retake_at_the_station_takes_its_reason_from_the_verdict(world, session):
    frame = shoot(session, add_candidate(world, 1), "defect_blue_shirt")
    photographer = browser(world.people[Role.PHOTOGRAPHER])
    photographer.post(f"/capture/check-ins/{frame.check_in_id}/", {"step": "retake"})
    frame.refresh_from_db()
    assert (frame.status, frame.check_in.status) == ("rejected", "open")


def test_the_camera_file_never_travels_to_a_browser(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1))
    original = blobs.read(frame.blob)
    for size, longest in (("thumb", 360), ("preview", 1440), ("original", 1440), ("", 1440)):
        answer = registrar.get(f"/capture/frames/{frame.pk}/image/?size={size}")
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.content != original
        assert max(Image.open(io.BytesIO(answer.content)).size) <= longest
    assert FramePreview.objects.filter(frame=frame).count() == 2, "made once and kept"


def test_the_small_copy_stands_upright_as_the_measurements_do(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1))
    lying = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 300), "navy").save(lying, "JPEG", exif=exif)
    frame.previews.all().delete()
    frame.blob = blobs.put_photograph(lying.getvalue())
    save(frame)
    width, height = Image.open(io.BytesIO(registrar.get(f"/capture/frames/{frame.pk}/image/").content)).size
    assert (width, height) == (300, 400)


def test_the_review_opens_at_the_worst_with_what_to_do(world, session, registrar):
    shoot(session, add_candidate(world, 1), "person_01")
    worst = shoot(session, add_candidate(world, 2), "defect_closed_eyes_1")
    page = text(registrar.get("/capture/review/"))
    assert f'data-frame="{worst.pk}"' in page
    assert "请睁开双眼后重拍" in page
    checked = re.findall(r'name="reason" value="([^"]+)"[^>]* checked', page)
    assert checked[:2] == ["portrait.eye_right_open", "portrait.eye_left_open"], "what the engine found is ticked"
    registrar.cookies["django_language"] = "en"
    english = text(registrar.get("/capture/review/"))
    assert "Photo review" in english
    assert "Right eye not open" in english


def test_a_decision_answers_with_the_next_frame_the_tile_and_the_counter(world, session, registrar):
    first = shoot(session, add_candidate(world, 1), "defect_roll")
    second = shoot(session, add_candidate(world, 2), "person_01")
    answer = text(decide(registrar, first, "accept", following=second.pk))
    assert f'data-frame="{second.pk}"' in answer
    assert re.search(rf'id="tile-{first.pk}" hx-swap-oob="true"[^>]*data-state="accepted"', answer)
    assert 'id="review-progress"' in answer
    last = decide(registrar, second, "hold")
    assert last.headers["HX-Redirect"] == "/capture/review/?season=spring", "the list anew, with its filter"


def test_a_collision_is_told_and_changes_nothing(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1))
    stale = seen(frame)
    actions.accept(another(world), review_of(frame), seen=stale)
    answer = registrar.post(
        f"/capture/review/frames/{frame.pk}/decide/",
        {"choice": "hold", "version": stale.version, "assessment": stale.assessment_pk},
        headers=HTMX,
    )
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "second" in text(answer)
    assert "capture.reviewed_meanwhile" in text(answer)
    assert review_of(frame).state == "accepted"


def test_a_refused_rejection_shows_the_frame_again_with_everything_ticked_and_typed(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1), "defect_roll")
    answer = decide(registrar, frame, "reject", reason=["person.hair"], words="刘海" * 150)
    page = text(answer)
    assert (answer.status_code, "HX-Retarget" in answer.headers) == (422, False), "it stands where the frame stood"
    assert "data-reject open" in page
    assert "刘海" * 150 in page
    assert re.findall(r'name="reason" value="([^"]+)"[^>]* checked', page) == ["person.hair"]
    assert 'data-code="pages.too_long"' in page
    assert registrar.get(f"/capture/review/frames/{frame.pk}/decide/").status_code == 302, "the address after a refusal"
    stale = seen(frame)
    actions.accept(another(world), review_of(frame), seen=stale)
    sent = {"choice": "reject", "version": stale.version, "assessment": stale.assessment_pk, "words": "刘海"}
    late = registrar.post(f"/capture/review/frames/{frame.pk}/decide/", sent, headers=HTMX)
    assert (late.status_code, review_of(frame).state) == (409, "accepted")
    assert 'data-code="capture.reviewed_meanwhile"' in text(late)
    assert 'value="刘海"' in text(late)


def test_without_javascript_the_same_forms_lead_back_to_the_list(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1), "defect_roll")
    headers = {"Referer": "http://testserver/capture/review/?season=spring&frame=3"}
    answer = decide(registrar, frame, "reject", headers=headers, reason=["portrait.head_roll"])
    assert answer.headers["Location"] == "/capture/review/?season=spring"
    answer = registrar.post("/capture/review/undo/", headers=headers)
    assert answer.status_code == 302
    frame.refresh_from_db()
    assert frame.status == "accepted"


def test_undo_goes_back_one_by_one_within_the_sign_in(world, session, registrar):
    frames = [shoot(session, add_candidate(world, n)) for n in (1, 2)]
    for frame in frames:
        decide(registrar, frame, "accept")
    for frame in reversed(frames):
        assert f'data-frame="{frame.pk}"' in text(registrar.post("/capture/review/undo/", headers=HTMX))
        assert review_of(frame).state == "awaiting"
    assert "capture.nothing_to_undo" in text(registrar.post("/capture/review/undo/", headers=HTMX))


def test_bulk_acceptance_confirms_what_was_counted_and_can_be_undone(world, session, registrar):
    for n in (1, 2):
        shoot(session, add_candidate(world, n))
    shoot(session, add_candidate(world, 3), "defect_roll")
    page = text(registrar.get("/capture/review/accept-passed/"))
    assert "确认通过 2 张" in page
    late = shoot(session, add_candidate(world, 4))
    listed = re.search(r'name="shown" value="([^"]+)"', page).group(1)
    result = text(registrar.post("/capture/review/accept-passed/", {"shown": listed}))
    assert '<div class="count">2</div>' in result
    assert review_of(late).state == "awaiting", "who came after the count is not in it"
    registrar.post("/capture/review/undo/")
    assert "确认通过 3 张" in text(registrar.get("/capture/review/accept-passed/"))


def test_statistics_count_and_every_number_opens_its_list(world, session, registrar):
    roll = shoot(session, add_candidate(world, 1), "defect_roll")
    shoot(session, add_candidate(world, 2, department=world.other_department), "defect_blue_shirt")
    shoot(session, add_candidate(world, 3), "person_01")
    type(roll).objects.filter(pk=roll.pk).update(arrived_at=at(9))
    actions.reject(world.actor(Role.REGISTRAR), review_of(roll), seen=seen(roll), reasons=["portrait.head_roll"])
    page = text(registrar.get("/capture/review/statistics/"))
    links = [link.replace("&amp;", "&") for link in re.findall(r'class="figures" href="([^"]+)"', page)]
    numbers = [int(n) for n in re.findall(r'class="figures" href="[^"]+">(\d+)<', page)]
    assert len(links) == len(numbers) >= 18
    for link, number in zip(links, numbers, strict=True):
        assert text(registrar.get(link)).count('class="review-tile"') == number, link
    assert "09:00 – 09:59" in page
    book = openpyxl.load_workbook(io.BytesIO(registrar.get("/capture/review/statistics/?format=xlsx").content))
    assert book.sheetnames == ["按规则", "按退回原因", "按院系", "按时段"]
    assert [cell.value for cell in book["按规则"][3]] == ["头部歪斜 Head leans", 1, 1, 0, 1]


def cost(client, address) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    "address",
    [
        "/capture/review/",
        "/capture/review/statistics/",
        "/capture/review/accept-passed/",
        "/capture/review/?state=all&page=1",
    ],
)
def test_the_pages_cost_the_same_for_many_frames_as_for_few(world, session, registrar, address):
    many_frames(world, session, 3, failing=1, doubtful=1, first=100)
    few = cost(registrar, address)
    many_frames(world, session, 90, failing=30, doubtful=30, first=300)
    assert cost(registrar, address) == few
    assert few <= 30


def test_a_person_page_tells_the_whole_story_to_those_who_look_after_him(world, session):
    frame = shoot(session, add_candidate(world, 1), "defect_roll")
    actions.reject(
        world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame), reasons=["person.hair"], words="刘海"
    )
    address = f"/capture/people/{frame.check_in.candidate_id}/"
    for role in (Role.COUNSELLOR, Role.COLLEGE_OFFICER, Role.REGISTRAR, Role.PHOTOGRAPHER):
        client = browser(world.people[role])
        page = text(client.get(address))
        assert "头发遮眉遮耳、刘海" in page
        assert "须重拍" in page
        assert client.get(f"/capture/frames/{frame.pk}/image/?size=thumb").status_code == 200
    assert "<html" not in text(client.get(address, headers=HTMX)), "a fragment of the roster's page"


def test_strangers_find_nothing(world, session):
    frame = shoot(session, add_candidate(world, 1))
    addresses = (
        f"/capture/review/frames/{frame.pk}/",
        f"/capture/people/{frame.check_in.candidate_id}/",
        f"/capture/frames/{frame.pk}/image/",
    )
    for role in (Role.REGISTRAR, Role.PHOTOGRAPHER):
        client = browser(world.strangers[role])
        for address in addresses:
            assert client.get(address, headers=HTMX).status_code == 404
        assert decide(client, frame, "accept").status_code == 404
        assert client.post(f"/capture/review/campaigns/{world.campaign.pk}/reassess/").status_code == 404
    other = browser(world.people[Role.COUNSELLOR])
    assert other.get("/capture/review/").status_code == 403
    foreign = add_candidate(world, 7, department=world.other_department)
    assert other.get(f"/capture/people/{foreign.pk}/").status_code == 404, "another department's student"


def test_what_is_packed_is_shown_and_no_longer_decided(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1))
    type(frame).objects.filter(pk=frame.pk).update(packed_at=timezone.now())
    page = text(registrar.get(f"/capture/review/?state=all&frame={frame.pk}"))
    assert "已编入交付包" in page
    assert "data-decide" not in page
