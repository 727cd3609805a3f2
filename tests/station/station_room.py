"""Run in a process of its own by the station tests: somebody works in the room of a laptop that was opened from a kit.

``work FROM TO``: the people of these places in the list are swiped, photographed, accepted and confirmed.
``scan CODE``: somebody's code is scanned at the page's code field, and the person is photographed.
``leave PLACE``: that person sits down and is not photographed. ``refused PLACE``: another card meanwhile. ``close``: the session ends. ``take_back PLACE``: that
person takes the consent to comparing faces back. ``agree PLACE``: only that person has signed it. ``people``: print the list.
"""

import json
import os
import sys
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.station_settings")
import django

django.setup()

from django.test import Client  # noqa: E402
from station_people import card_of, jpeg  # noqa: E402

from gradphoto.apps.campaigns.rules import in_force  # noqa: E402
from gradphoto.apps.campaigns.settings_keys import ACCEPT_REVIEW  # noqa: E402
from gradphoto.apps.capture import actions, verdicts  # noqa: E402
from gradphoto.apps.capture.models import CheckIn, Frame, Identification  # noqa: E402
from gradphoto.apps.core.actors import Actor  # noqa: E402
from gradphoto.apps.core.encryption import blind_index  # noqa: E402
from gradphoto.apps.orgs.models import User  # noqa: E402
from gradphoto.apps.pairing.face_consent import note_consents, withdraw_consent  # noqa: E402
from gradphoto.apps.pairing.models import FaceConsent  # noqa: E402
from gradphoto.apps.roster.models import Candidate  # noqa: E402
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus  # noqa: E402
from gradphoto.engine.errors import GradPhotoError  # noqa: E402
from gradphoto.engine.portrait.thresholds import threshold  # noqa: E402


def crew(role: str) -> Actor:
    return Actor.of(User.objects.get(username=role))


def session() -> CaptureSession:
    found = CaptureSession.objects.order_by("pk").first()
    assert found is not None
    if found.status == SessionStatus.PLANNED:
        actions.open_session(crew("photographer"), found, no_clock_reason="演练，无相机")
    return CaptureSession.objects.get(pk=found.pk)


def swipe(place: int) -> CheckIn:
    outcome = actions.check_in(
        crew("photographer"), session(), card=card_of(place), method=Identification.ID_CARD, nonce=uuid.uuid4()
    )
    assert outcome.check_in is not None, outcome.hold
    return outcome.check_in


def photograph(check_in: CheckIn, salt: int) -> Frame:
    frame = actions.receive_frame(
        crew("photographer"),
        session(),
        data=jpeg(salt),
        file_name=f"IMG_{salt:04d}.JPG",
        file_number=salt,
        by_hand=True,
    )
    actions.accept_frame(crew("photographer"), check_in, frame=frame)
    return frame


def work(first: int, last: int, salt: int = 0) -> None:
    for place in range(first, last):
        photograph(swipe(place), salt + place)
        actions.confirm_check_in(crew("site_staff"), CheckIn.objects.get(candidate__student_no=f"2022{place:06d}"))


def scan(code: str) -> None:
    """By the page itself, as the scanner does it; prints the page's answer."""
    room, browser = session(), Client(SERVER_NAME="localhost")
    browser.force_login(crew("photographer").user, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.post(f"/capture/{room.pk}/scan/", {"code": code}, follow=True)
    seated = CheckIn.objects.filter(status="open").first()
    if seated is not None:
        photograph(seated, seated.shooting_number)
    print(json.dumps({"status": answer.status_code, "page": answer.content.decode()}))


def refused(place: int) -> None:
    """The card of somebody who cannot wait; the devices' process tells the room."""
    devices = Actor.system("station devices")
    try:
        swipe(place)
    except GradPhotoError as error:
        of = Candidate.objects.get(id_number_index=blind_index(card_of(place).id_number))
        actions.tell_room(devices, session(), source="reader", error=error, passing=True, of=of)


def strange() -> None:
    outcome = actions.check_in(
        crew("photographer"), session(), card=card_of(77), method=Identification.ID_CARD, nonce=uuid.uuid4()
    )
    assert outcome.hold is not None
    actions.decide_hold(crew("site_staff"), outcome.hold, admit=False, reason="不是本校学生")


def cancel(place: int) -> None:
    check_in = CheckIn.objects.get(candidate__student_no=f"2022{place:06d}", status="confirmed")
    actions.cancel_check_in(crew("photographer"), check_in, reason="登记有误")


def judgement() -> dict:
    rules = session().campaign.rule_set
    accepts = in_force(rules, ACCEPT_REVIEW)
    profile = verdicts.profile_of("mb2017_99")
    return {
        "roll_deg_review": threshold(profile, "roll_deg_review"),
        "switched_off": str(threshold(profile, "glasses_area_review")),
        "version": verdicts.rules_version("mb2017_99"),
        "accept_review": accepts is None or ACCEPT_REVIEW.read(accepts.value),
    }


def main(task: str, *values: str) -> None:
    if task == "scan":
        scan(*values)
        return
    numbers = [int(value) for value in values]
    if task == "work":
        work(*numbers)
    elif task == "leave":
        swipe(*numbers)
    elif task == "refused":
        refused(*numbers)
    elif task == "finish":
        open_one = CheckIn.objects.get(status="open")
        photograph(open_one, numbers[0])
    elif task == "strange":
        strange()
    elif task == "cancel":
        cancel(*numbers)
    elif task == "take_back":
        who = Candidate.objects.get(student_no=f"2022{numbers[0]:06d}")
        withdraw_consent(crew("photographer"), session(), candidate=who)
    elif task == "agree":
        others = Candidate.objects.exclude(student_no=f"2022{numbers[0]:06d}").values_list("student_no", flat=True)
        note_consents(crew("photographer"), session(), paper="现场册", not_signed=list(others))
    elif task == "consents":
        agreed = FaceConsent.objects.filter(withdrawn_at=None).values_list("candidate__student_no", flat=True)
        print(json.dumps(sorted(agreed)))
    elif task == "close":
        actions.close_session(crew("photographer"), session())
    elif task == "judgement":
        print(json.dumps(judgement()))
    elif task == "people":
        people = Candidate.objects.order_by("pk")
        rows = [(one.student_no, one.name, one.preassigned_number, one.leaves_as) for one in people]
        numbers = list(CheckIn.objects.order_by("shooting_number").values_list("shooting_number", flat=True))
        print(json.dumps({"people": [list(row) for row in rows], "numbers": numbers}))


if __name__ == "__main__":
    main(sys.argv[1], *sys.argv[2:])
