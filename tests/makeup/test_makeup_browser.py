"""In a real browser: the phone from the slip to the appointment, and an upload that skips what is there."""

import pytest

from chromium import opened_chromium
from gradphoto.apps.makeup import forms_out, selfmade
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.demo.sitters import picture
from makeup.makeup_world import approved, make_up_world, published, recipient, today
from world import add_candidate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


def test_from_the_slip_to_the_appointment_on_a_phone(browser, live_server):
    world = make_up_world()
    recipient(world)
    published(world)
    slip = forms_out.issue_form(world.actor(Role.COUNSELLOR), approved(world, add_candidate(world, 1)))
    page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=live_server.url)
    page.goto(f"/make-up-form/{slip.code}/")
    assert slip.code not in page.url
    page.fill("#enter-student_no", slip.case.candidate.student_no)
    page.click("main form button")
    page.fill("#fill-phone", "13900000000")
    page.check("#right")
    page.check("#consent")
    page.click("main form button")
    page.wait_for_selector(".personal-qr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("details.day-box summary")
    page.click("button.half >> nth=1")
    page.wait_for_selector("text=请带本二维码")
    assert MakeUpCase.objects.get().status == "booked"


def test_an_upload_skips_what_is_there_and_goes_on(browser, live_server):
    world = make_up_world()
    officer = world.actor(Role.LEARNING_CENTRE)
    made = selfmade.open_collection(officer, world.campaign, organisation=world.learning_centre, title="十月")
    selfmade.confirm_contact(officer, made, on=today(), whom="王老师")
    selfmade.add_photo(officer, made, file_name="1.jpg", data=picture("person_01"))
    user = world.people[Role.LEARNING_CENTRE]
    user.set_password("demo-password-1")
    user.save()
    page = browser.new_page(viewport={"width": 1280, "height": 844}, base_url=live_server.url)
    page.goto("/")
    page.fill("#id_login", user.username)
    page.fill("#id_password", "demo-password-1")
    page.click("main button")
    page.wait_for_url(f"{live_server.url}/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/upload/") else None)
    page.goto(f"/make-up/self-organised/{made.pk}/")
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(f"person_0{n}")} for n in (1, 2)]
    page.set_input_files("#file", files)
    with page.expect_navigation():
        page.click("[data-upload] button.btn-primary")
    assert len(sent) == 1, "the first was here already"
    assert set(made.photos.values_list("file_name", flat=True)) == {"1.jpg", "2.jpg"}
