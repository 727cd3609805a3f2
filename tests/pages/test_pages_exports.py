"""Exports: one record, for who asked, encrypted while they wait, gone when their day has come, constant in memory."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from errata.errata_world import missing_case
from fetched import fetched
from gradphoto.apps.core.blobs import name_of
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.errata import lists
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role
from gradphoto.apps.pages import exporting
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.people.lists import UNITS
from queued_jobs import run_queued
from verification.graduate_world import staff
from world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = build_world()
    missing_case(world)
    return world


def asked(world, query="", made_as=FileFormat.CSV) -> Export:
    return exporting.request_export(
        world.actor(Role.REGISTRAR), world.school, listing=lists.CASES, query=query, made_as=made_as
    )


def test_the_file_is_encrypted_at_rest_and_plain_for_its_owner(world):
    export = asked(world)
    run_queued()
    export.refresh_from_db()
    assert export.blob is not None
    stored = storages["blobs"].open(name_of(export.blob.name)).read()
    assert b"KW2026-0001" not in stored
    text = fetched(export).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][0] == "KW2026-0001"
    assert staff(world, Role.HEAD_OFFICE).get(reverse("pages:export_file", args=[export.pk])).status_code == 404
    assert "可以下载" in staff(world, Role.REGISTRAR).get(reverse("pages:exports")).content.decode()


def test_an_expired_file_is_gone_from_the_store_and_its_record_says_so(world, django_capture_on_commit_callbacks):
    export = asked(world)
    run_queued()
    export.refresh_from_db()
    stored = name_of(export.blob_id)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    browser = staff(world, Role.REGISTRAR)
    refused = browser.get(reverse("pages:export_file", args=[export.pk]))
    assert refused.status_code == 409
    assert "pages.export_expired" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert exporting.expire() == 1
    assert not storages["blobs"].exists(stored)
    assert Export.objects.get().blob is None
    assert Blob.objects.get(pk=stored.rsplit("/", 1)[-1]).removed_at is not None
    assert "已过期" in browser.get(reverse("pages:exports")).content.decode()


def test_a_damaged_file_is_a_refusal_and_never_half_a_file(world):
    export = asked(world)
    run_queued()
    export.refresh_from_db()
    path = storages["blobs"].path(name_of(export.blob_id))
    data = bytearray(open(path, "rb").read())  # noqa: SIM115
    data[-1] ^= 1
    with open(path, "wb") as stream:
        stream.write(data)
    answer = staff(world, Role.REGISTRAR).get(reverse("pages:export_file", args=[export.pk]))
    assert answer.status_code == 409
    assert "core.blob_damaged" in answer.content.decode()


def test_who_lost_the_role_meanwhile_gets_no_file(world):
    export = asked(world)
    Membership.objects.filter(user=export.requested_by).update(role=Role.AUDITOR)
    run_queued()
    export.refresh_from_db()
    assert (export.blob, export.job.state, export.job.error_code) == (None, "failed", "core.not_permitted")


def test_who_lost_the_role_after_the_file_was_written_does_not_take_it_home(world):
    export = asked(world)
    run_queued()
    browser, address = staff(world, Role.REGISTRAR), reverse("pages:export_file", args=[export.pk])
    assert browser.get(address).status_code == 200
    Membership.objects.filter(user=export.requested_by).update(role=Role.AUDITOR)
    assert browser.get(address).status_code == 403


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 409), ("same-site", 409), ("same-origin", 200), ("none", 200)]
)
def test_a_link_on_somebody_elses_page_exports_nothing(world, site, status):
    before = AuditEntry.objects.count()
    answer = staff(world, Role.REGISTRAR).get(reverse("errata:export"), headers={"Sec-Fetch-Site": site})
    assert answer.status_code == status
    assert (AuditEntry.objects.count() > before) == (status == 200)


def test_a_long_file_is_begun_by_a_button_and_never_by_a_link(world, monkeypatch):
    monkeypatch.setitem(lists.CASES.__dict__, "at_once", 0)
    browser, address = staff(world, Role.REGISTRAR), reverse("errata:export") + "?status=drafted"
    looked = browser.get(address)
    assert looked.status_code == 200
    assert "开始导出" in looked.content.decode()
    assert not Export.objects.exists()
    begun = browser.post(address)
    assert begun.url == reverse("pages:export", args=[Export.objects.get().pk])
    assert Export.objects.get().query.decrypt() == "status=drafted"
    assert 'formaction="/errata/export/?' in browser.get("/errata/").content.decode()


def test_an_invalid_or_forbidden_export_is_refused_and_leaves_nothing(world):
    with pytest.raises(Refusal, match=r"pages\.filter_invalid"):
        asked(world, "status=zzz")
    with pytest.raises(PermissionRefusal):
        exporting.request_export(
            world.actor(Role.AUDITOR), world.national, listing=lists.CASES, query="", made_as=FileFormat.XLSX
        )
    assert not Export.objects.exists()


def test_a_search_for_an_id_number_enters_neither_audit_nor_database(world):
    number = "990101200403050018"
    browser = staff(world, Role.REGISTRAR)
    assert browser.get(reverse("errata:export"), {"q": number}, follow=True).status_code == 200
    export = asked(world, f"q={number}")
    assert number.encode() not in bytes(Export.objects.filter(pk=export.pk).values_list("query", flat=True)[0].sealed())
    details = [entry.detail for entry in AuditEntry.objects.filter(action__startswith="pages.")]
    assert number not in str(details)
    assert details[0]["asked"] == ["q"]


def test_a_row_that_goes_while_the_file_is_written_is_left_out_and_none_comes_twice(world):
    """The rows are read by their keys, two at a time here, and each time as the viewer may see them then."""
    for n in range(7):
        Organisation.objects.create(
            kind=OrganisationKind.DEPARTMENT, name=f"分院{n}", code=f"7{n}", parent=world.school
        )

    def lines(chunk):
        asked = UNITS.asked(world.actor(Role.ADMINISTRATOR), QueryDict("q=分院&sort=-name"))
        return (line[0] for line in asked.file_rows(chunk))

    whole = list(lines(500))
    assert whole == [f"分院{n}" for n in range(6, -1, -1)]
    written = lines(2)
    begun = [next(written), next(written)]
    Organisation.objects.filter(name="分院3").delete()
    Organisation.objects.filter(name="分院2").update(name="他院")
    Organisation.objects.filter(name="分院6").update(name="分院0 甲")
    Organisation.objects.create(kind=OrganisationKind.DEPARTMENT, name="分院1 甲", code="79", parent=world.school)
    assert [*begun, *written] == ["分院6", "分院5", "分院4", "分院1", "分院0"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("list-7.pdf", 'attachment; filename="list-7.pdf"'),
        ('收据"甲".pdf', "attachment; filename*=utf-8''%E6%94%B6%E6%8D%AE%22%E7%94%B2%22.pdf"),
        ('a"b.pdf', 'attachment; filename="a\\"b.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", "attachment; filename*=utf-8''a%0D%0ASet-Cookie%3A%20x%3D1.pdf"),
    ],
)
def test_a_files_name_is_told_whatever_it_is_made_of(name, said):
    """A receipt bears its issuer's code, which a school makes up."""
    assert download(b"", name, PDF)["Content-Disposition"] == said
    assert download(b"", name, PDF, inline=True)["Content-Disposition"] == said.replace("attachment", "inline")
