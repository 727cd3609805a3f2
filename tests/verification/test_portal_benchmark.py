"""The people of ``python -m benchmarks.portal`` are what the portal asks for: its sequence ends in a confirmation (R163)."""

import re

import pytest
from benchmarks import portal_people
from django.test import Client


@pytest.mark.django_db
def test_everybody_of_the_benchmark_logs_in_compares_and_confirms(monkeypatch):
    monkeypatch.setattr(portal_people, "_PHOTOS", 1)
    for card in portal_people.Filler().fill(3):
        phone = Client()
        fields = {"school_code": "99901", "student_no": card.student_no, "name": card.name, "code": card.code}
        assert phone.post("/verify/sign-in/", fields).status_code == 302
        page = phone.get("/verify/compare/").content.decode()
        shown = re.search(r'name="shown"\s+value="([0-9a-f]{64})"', page)
        assert phone.post("/verify/confirm/", {"own": "yes", "shown": shown[1]}).url == "/verify/final/"
