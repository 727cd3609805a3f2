"""Papers and group photographs of the planned school: a signed-in browser, a class's address, the text of a PDF, a booking."""

import re
from datetime import date

import pypdfium2
from django.test import Client
from django.urls import reverse
from schedule_world import slot
from test_schedule_browser import PASSWORD, browser, picture, signed_in  # noqa: F401 - a fixture among them

from gradphoto.apps.fees.models import Item
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule import group_photos, papers
from gradphoto.apps.schedule.models import GroupPhoto

BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(world, role: Role, *, stranger: bool = False) -> Client:
    client = Client()
    client.force_login((world.strangers if stranger else world.people)[role], BACKEND)
    return client


def text_of(pdf: bytes) -> tuple[str, int]:
    """The text without any blanks, and the number of pages."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"\s+", "", "".join(texts)), len(texts)


def address(name: str, class_name: str = "甲班") -> str:
    return reverse(f"schedule:{name}", args=[papers.token_of(slot(class_name))])


def priced(world, fen: int = 1000) -> None:
    set_price(
        world.actor(Role.REGISTRAR), world.school, item=Item.GROUP_PHOTO, amount_fen=fen, source="合影通知",
        effective_from=date(2026, 1, 1),
    )  # fmt: skip


def members(class_name: str = "甲班") -> list[Candidate]:
    return list(Candidate.objects.filter(class_name=class_name).order_by("student_no"))


def booked(world, class_name: str = "甲班", place: str = "图书馆前", role=Role.COUNSELLOR, **more) -> GroupPhoto:
    own = slot(class_name)
    detail = {"place": place, "starts_at": own.ends_at, "minutes": 10, "people": members(class_name), **more}
    return group_photos.book_group_photo(world.actor(role), own, **detail)
