"""Every page of errata in both languages, over cases in every state: counts bring their nouns, nothing breaks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from errata.errata_world import TODAY, at_the_agency, deliver_photograph, draft, missing_case, on_a_form, seal, send
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.guidance import _BY, next_step
from gradphoto.apps.errata.kinds import Corrector, ErrataKind
from gradphoto.apps.errata.models import CaseStatus, ErrataCase
from gradphoto.apps.orgs.models import Role
from verification.graduate_world import staff
from world import add_candidate, build_world, put

pytestmark = pytest.mark.django_db


def every_state(world) -> list[ErrataCase]:
    """A case in each state that a paper case can be in; one received long ago, and so overdue."""
    registrar, centre = world.actor(Role.REGISTRAR), world.actor(Role.COLLECTION_CENTRE)
    cases = [missing_case(world, n) for n in range(1, 9)]
    seal(world, on_a_form(world, cases[1]))
    form = on_a_form(world, cases[2])
    seal(world, form)
    send(world, form)
    at_the_agency(world, cases[3], days_ago=30)
    at_the_agency(world, *cases[4:7])
    for case in cases[4:6]:
        steps.reissue_case(centre, case, on=TODAY())
    deliver_photograph(world, cases[5].items.get().candidate)
    steps.confirm_case(registrar, cases[5])
    steps.refuse_case(centre, cases[6], reason="不受理")
    steps.withdraw_case(registrar, cases[7], reason="无误")
    filed = draft(world, add_candidate(world, 9), ErrataKind.DATA_WRONG, right={"major": "软件工程"})
    put(
        ErrataCase.objects.filter(pk=filed.pk),
        status=CaseStatus.FILED,
        sent_on=TODAY(),
        received_on=TODAY(),
        filed_place="柜",
    )
    return list(ErrataCase.objects.all())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_both_languages_whatever_the_state(language):
    world = build_world()
    cases = every_state(world)
    assert len({case.status for case in cases}) >= 8
    browser = staff(world, Role.REGISTRAR)
    browser.cookies["django_language"] = language
    urls = [reverse(f"errata:{name}") for name in ("list", "forms", "summary", "routes", "disputes", "draft")]
    urls += [reverse("errata:detail", args=[case.pk]) for case in cases]
    urls += [reverse("errata:form", args=[case.form_id]) for case in cases if case.form_id]
    pages = {url: browser.get(url) for url in urls}
    assert {url: page.status_code for url, page in pages.items() if page.status_code != 200} == {}
    assert ("days late" in pages[urls[0]].content.decode()) is (language == "en")


def test_an_invalid_filter_lists_and_exports_nothing():
    world = build_world()
    missing_case(world)
    browser = staff(world, Role.REGISTRAR)
    page = browser.get(reverse("errata:list"), {"status": "zzz"})
    assert 'data-code="pages.filter_invalid"' in page.content.decode()
    assert page.context["listing"].shown == []
    refused = browser.get(reverse("errata:export"), {"status": "zzz"})
    assert refused.status_code == 400
    assert "pages.filter_invalid" in refused.content.decode()


def test_every_column_sorts_both_ways_and_what_has_no_day_stays_last():
    world = build_world()
    every_state(world)
    browser = staff(world, Role.REGISTRAR)
    listing = browser.get(reverse("errata:list")).context["listing"]
    assert len(listing.sortable) >= 5
    for column in listing.sortable:
        up = browser.get(reverse("errata:list"), {"sort": column.name}).context["listing"].shown
        down = browser.get(reverse("errata:list"), {"sort": f"-{column.name}"}).context["listing"].shown
        assert len(up) == len(down) == len(ErrataCase.objects.all())
    for sort in ("due", "-due"):
        days = [case.due_on for case in browser.get(reverse("errata:list"), {"sort": sort}).context["listing"].shown]
        assert None in days
        assert all(day is None for day in days[days.index(None) :])


def test_the_corrector_stands_inside_a_sentence():
    """The next step names whoever corrects in the middle of an English sentence, and at its beginning."""
    case = ErrataCase(kind=ErrataKind.DATA_WRONG, corrector=Corrector.REGISTRY, status=CaseStatus.SENT)
    assert next_step(case).en == "Enter the day when the school's registry has it."
    case = ErrataCase(kind=ErrataKind.DATA_WRONG, corrector=Corrector.REGISTRY, status=CaseStatus.RECEIVED)
    assert next_step(case).en.startswith("The school's registry: ")
    assert {one: words.zh for one, words in _BY.items()} == dict(Corrector.choices)
