"""Who may do what: the one table of permissions, and where each role may be held (R2).

A permission is asked for by name: ``@page("errata.read")`` opens a view to its roles, ``@action(...,
permission="errata.draft")`` lets its roles act on what hangs at or below their organisation (``orgs.scope.changeable``),
``holds(user, "errata.draft")`` asks whether a button is worth showing. No other module names a set of roles.
``docs/permissions.md`` is this table printed; a test holds both to each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.kinds import OrganisationKind, Role

if TYPE_CHECKING:
    from gradphoto.apps.orgs.models import Organisation

_K, _R = OrganisationKind, Role

HELD_IN: dict[Role, tuple[OrganisationKind, ...]] = {
    _R.ADMINISTRATOR: tuple(_K),
    _R.AUDITOR: tuple(_K),
    _R.REGISTRAR: (_K.SCHOOL,),
    _R.COLLEGE_OFFICER: (_K.DEPARTMENT,),
    _R.COLLEGE_LEADER: (_K.DEPARTMENT,),
    _R.TEACHING_SECRETARY: (_K.DEPARTMENT,),
    _R.COUNSELLOR: (_K.DEPARTMENT,),
    _R.LEARNING_CENTRE: (_K.LEARNING_CENTRE,),
    _R.STUDENT_AFFAIRS: (_K.SCHOOL,),
    _R.HEAD_OFFICE: (_K.SCHOOL,),
    _R.PHOTOGRAPHER: (_K.COLLECTION_CENTRE, _K.AGENCY),
    _R.SITE_STAFF: (_K.SCHOOL, _K.COLLECTION_CENTRE),
    _R.COLLECTION_CENTRE: (_K.COLLECTION_CENTRE, _K.AGENCY),
    _R.NATIONAL_REVIEWER: (_K.NATIONAL_CENTRE,),
}
"""In which kinds of organisation a role may be held. What a role may do reaches down from there and never up."""

HELD_AT_ROOT: tuple[Role, ...] = (_R.NATIONAL_REVIEWER,)
"""Roles that the root of the tree holds, whatever its kind: a school's own installation has no national centre above
it, and somebody enters there what the national centre answered."""

CHILDREN: dict[OrganisationKind, tuple[OrganisationKind, ...]] = {
    _K.NATIONAL_CENTRE: (_K.AGENCY, _K.COLLECTION_CENTRE, _K.PROVINCE, _K.SCHOOL),
    _K.PROVINCE: (_K.AGENCY, _K.COLLECTION_CENTRE, _K.SCHOOL),
    _K.AGENCY: (_K.PROVINCE, _K.COLLECTION_CENTRE, _K.SCHOOL),
    _K.COLLECTION_CENTRE: (_K.SCHOOL,),
    _K.SCHOOL: (_K.AGENCY, _K.COLLECTION_CENTRE, _K.DEPARTMENT, _K.LEARNING_CENTRE),
    _K.DEPARTMENT: (_K.DEPARTMENT, _K.LEARNING_CENTRE),
    _K.LEARNING_CENTRE: (_K.LEARNING_CENTRE,),
}
"""Which kinds stand below which: nobody makes a school below a college and holds its roles there."""

APART: tuple[Role, ...] = (_R.ADMINISTRATOR,)
"""Roles that no account holds together with another one: who gives roles does none of the work they stand for."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The roles of one permission and, in a line, what they may do with it."""

    roles: tuple[Role, ...]
    lets: str


_EVERYONE = tuple(Role)
_COLLEGE = (_R.COLLEGE_OFFICER, _R.COUNSELLOR, _R.LEARNING_CENTRE)
_SCHOOL = (_R.REGISTRAR, *_COLLEGE)
_OFFICE = _R.TEACHING_SECRETARY
"""The college's teaching office: its papers, what is wrong online, who receives for it (R60, R114, R166)."""
_PUSHES = _R.STUDENT_AFFAIRS
"""The student affairs department sees the whole school and has the graduates told (S4, R172)."""
_CENTRE = (_R.COLLECTION_CENTRE, _R.PHOTOGRAPHER)
_ON_SITE = (_R.PHOTOGRAPHER, _R.SITE_STAFF)
_PLANNERS = (_R.REGISTRAR, _R.COLLECTION_CENTRE)
_AT_WORK = tuple(one for one in Role if one not in (_R.ADMINISTRATOR, _R.AUDITOR))
_AT_SCHOOL = tuple(one for one in _AT_WORK if one is not _R.NATIONAL_REVIEWER)
_REMINDERS = (*_SCHOOL, _R.HEAD_OFFICE, _R.COLLECTION_CENTRE)
_STEPS_OF_REVIEW = (_R.COLLEGE_OFFICER, _R.LEARNING_CENTRE, _R.HEAD_OFFICE, _R.NATIONAL_REVIEWER)


PERMISSIONS: dict[str, Permission] = {
    # orgs: organisations, people, roles
    "orgs.manage": Permission((_R.ADMINISTRATOR,), "add organisations and people, give and take back roles"),
    # api: programs of a school
    "api.manage": Permission((_R.ADMINISTRATOR,), "let a person's program in by a token, have events sent to a program"),
    # core and desk: home pages, jobs, the audit trail
    "desk.open": Permission(_EVERYONE, "open the home page, see the jobs of one's own part of the tree"),
    "desk.overview": Permission(_AT_WORK, "see the dashboard"),
    "desk.audit": Permission((_R.AUDITOR, _R.ADMINISTRATOR), "read the audit trail of one's own part of the tree"),
    "desk.operations": Permission((_R.ADMINISTRATOR,), "see workers, queue, disk and backups of the installation"),
    "desk.fonts": Permission((_R.ADMINISTRATOR,), "add fonts for rare characters, at the root of the installation"),
    "desk.cancel_jobs": Permission(
        (_R.ADMINISTRATOR, _R.REGISTRAR, _R.COLLECTION_CENTRE), "stop somebody else's job in one's own part of the tree"
    ),
    "desk.failed_jobs": Permission(
        (_R.ADMINISTRATOR, _R.COLLECTION_CENTRE, _R.REGISTRAR), "are told of jobs that failed"
    ),
    # campaigns
    "campaigns.read": Permission(_EVERYONE, "see campaigns, their plan and their calendar"),
    "campaigns.manage": Permission((_R.REGISTRAR,), "create and close a campaign, set its rules"),
    "campaigns.advance": Permission(_PLANNERS, "start collecting, open verification"),
    "campaigns.set_days": Permission((_R.ADMINISTRATOR, _R.REGISTRAR), "keep an organisation's holiday table"),
    "campaigns.set_codes": Permission(
        (_R.ADMINISTRATOR, _R.REGISTRAR), "add words to the code tables of an organisation (R14, R15)"
    ),
    # roster
    "roster.read": Permission(_AT_SCHOOL, "see the roster, each their own part of it"),
    "roster.list": Permission(
        (_R.REGISTRAR, _R.COLLEGE_OFFICER, _R.LEARNING_CENTRE),
        "say who is on the list: import, add, defer, remove (R8, R21)",
    ),
    "roster.keep": Permission((*_COLLEGE, _R.REGISTRAR, _OFFICE), "keep the data right: corrections, proofs, status changes"),
    "roster.check": Permission(_COLLEGE, "compare rows and collect signatures (R19, R24, R38)"),
    "roster.countersign": Permission((_R.COUNSELLOR, _R.LEARNING_CENTRE), "sign second (R38)"),
    "roster.endorse": Permission((_R.COLLEGE_LEADER,), "sign third, as the leader of a college (R38)"),
    "roster.endorse_outside": Permission((_R.HEAD_OFFICE,), "sign third for a learning centre (R2.15)"),
    "roster.endorse_any": Permission((_R.COLLEGE_LEADER, _R.HEAD_OFFICE), "are told of rows to sign third"),
    "roster.accept": Permission((_R.REGISTRAR,), "accept rows that a college vouches for"),
    "roster.return": Permission((*_COLLEGE, _R.REGISTRAR, _R.COLLEGE_LEADER), "send a row back"),
    "roster.print": Permission((*_COLLEGE, _R.REGISTRAR, _R.COLLEGE_LEADER, _OFFICE), "print and file the roster's papers"),
    "roster.reveal": Permission(
        (_R.REGISTRAR, _R.LEARNING_CENTRE, _R.SITE_STAFF), "read one whole ID number, with a reason"
    ),
    "roster.whole_numbers": Permission(
        (_R.REGISTRAR, _R.LEARNING_CENTRE), "get whole ID numbers in exports and papers"
    ),
    "roster.audit": Permission((_R.REGISTRAR,), "first audit, decisions on corrections, admissions, cohort rules"),
    "roster.approval": Permission((_R.REGISTRAR,), "put the province's approval of the list on record (R16)"),
    "roster.receipts": Permission(
        (_R.REGISTRAR, _R.COLLEGE_OFFICER, _R.COLLEGE_LEADER, _R.LEARNING_CENTRE, _OFFICE),
        "see which sealed papers came and which are late (R40)",
    ),
    "roster.plan": Permission((_R.REGISTRAR,), "set milestones"),
    # schedule
    "schedule.read": Permission(_AT_SCHOOL, "see timetables, each their own part of them"),
    "schedule.plan": Permission(_PLANNERS, "make the timetable and move what is on it"),
    "schedule.check_rooms": Permission((*_PLANNERS, *_ON_SITE), "check rooms before the day"),
    "schedule.staff": Permission((*_SCHOOL, _PUSHES), "name the people on duty of their own unit (R91)"),
    "schedule.report": Permission((_R.REGISTRAR, _R.LEARNING_CENTRE), "report the headcount of a campaign (R75)"),
    "schedule.see_bookings": Permission(
        (*_PLANNERS, _R.LEARNING_CENTRE), "see what is reported and agreed; a station its own (R204)"
    ),
    "schedule.acknowledge": Permission((_R.LEARNING_CENTRE,), "confirm that a station read what it was told (R204)"),
    "schedule.follow_booking": Permission((_R.REGISTRAR,), "see the school's own report"),
    "schedule.decide_booking": Permission((_R.COLLECTION_CENTRE,), "agree or refuse the days asked for"),
    "schedule.book_group_photo": Permission(_SCHOOL, "book a group photograph"),
    "schedule.take_group_photo": Permission((*_PLANNERS, *_ON_SITE), "note that a group photograph was taken"),
    # fees
    "fees.collect": Permission(
        (
            _R.COUNSELLOR, _R.COLLEGE_OFFICER, _R.LEARNING_CENTRE, _R.SITE_STAFF, _R.REGISTRAR, _R.COLLECTION_CENTRE,
            _R.PHOTOGRAPHER,
        ),
        "take money, from the counsellor of a class to the photographer and the centre's officer (R133, B15)",
    ),
    "fees.receive_on_site": Permission(
        (_R.PHOTOGRAPHER,), "count what the liaison hands in to the centre and write its receipt (R133)"
    ),
    "fees.receive": Permission(
        (_R.COLLEGE_OFFICER, _R.LEARNING_CENTRE, _R.REGISTRAR, _R.COLLECTION_CENTRE),
        "receive a hand-in for a unit, write receipts in its name, keep its till",
    ),
    "fees.remit": Permission((_R.REGISTRAR,), "pay back from the school's till what was paid elsewhere"),
    "fees.free_reshoot": Permission(
        (_R.REGISTRAR, _R.COLLECTION_CENTRE, _R.SITE_STAFF), "book a reshoot that costs nothing"
    ),
    "fees.oversee": Permission(_PLANNERS, "waive, refund online orders, close a season, read the journal"),
    "fees.set_prices": Permission(
        (_R.ADMINISTRATOR, _R.REGISTRAR, _R.COLLECTION_CENTRE), "set prices for one's own organisation and below"
    ),
    "fees.set_channels": Permission((_R.REGISTRAR,), "say by which channels fees are paid"),
    "fees.import_statements": Permission(
        (_R.REGISTRAR, _R.COLLECTION_CENTRE, _R.LEARNING_CENTRE), "hand in a bank statement"
    ),
    # capture
    "capture.work": Permission((*_ON_SITE, _R.REGISTRAR), "run a session: check in, take frames, undo"),
    "capture.confirm": Permission((_R.SITE_STAFF, _R.REGISTRAR), "confirm a photograph on site"),
    "capture.check_appearance": Permission(
        (*_SCHOOL, _OFFICE, _R.SITE_STAFF), "note what the college found when it looked at its graduates (R120-R123)"
    ),
    "capture.watch": Permission((*_ON_SITE, *_PLANNERS), "follow a session on its pages"),
    "capture.see": Permission(
        (*_ON_SITE, *_PLANNERS, *_COLLEGE, _R.HEAD_OFFICE), "see a person's frames"
    ),
    "capture.set_clock": Permission((*_ON_SITE, *_PLANNERS), "measure and set a camera's clock"),
    "capture.reassess": Permission((*_CENTRE, _R.REGISTRAR), "have all photographs measured anew"),
    # pairing, review, stations
    "pairing.repair": Permission((*_ON_SITE, *_PLANNERS), "repair which frame belongs to whom"),
    "review.decide": Permission((*_ON_SITE, *_PLANNERS), "judge photographs, ask for a retake"),
    "stations.manage": Permission(
        (_R.COLLECTION_CENTRE, _R.REGISTRAR), "make kits, take packets in, decide conflicts"
    ),
    "stations.run": Permission(_ON_SITE, "sign in at a station and hand its packets over"),
    # makeup
    "makeup.read": Permission(
        (*_SCHOOL, _R.SITE_STAFF, *_CENTRE, _R.HEAD_OFFICE, _R.COLLEGE_LEADER, _OFFICE, _PUSHES), "see make-up cases and days"
    ),
    "makeup.ask": Permission((*_SCHOOL, _OFFICE), "hand out make-up forms, name who receives for a unit (R141, R145)"),
    "makeup.open": Permission((*_SCHOOL, _R.SITE_STAFF), "open a make-up case"),
    "makeup.approve": Permission((_R.REGISTRAR,), "approve or refuse a make-up case"),
    "makeup.cancel": Permission((*_SCHOOL, _R.SITE_STAFF, _R.COLLECTION_CENTRE), "cancel a make-up case"),
    "makeup.expire": Permission(_PLANNERS, "end the cases whose last day is over"),
    "makeup.publish": Permission(_CENTRE, "publish days for booking"),
    "makeup.serve": Permission((*_CENTRE, _R.SITE_STAFF, _R.REGISTRAR), "keep the make-up desk"),
    "makeup.arrange": Permission((*_CENTRE, _R.SITE_STAFF, *_SCHOOL), "book, release and look up an appointment"),
    "makeup.deliver": Permission((*_CENTRE, _R.REGISTRAR), "note that the photograph was handed over"),
    "makeup.take_mailed": Permission((*_CENTRE, _R.REGISTRAR), "take a photograph that came by mail"),
    "makeup.close": Permission((*_CENTRE, _R.SITE_STAFF, _R.REGISTRAR), "count a session and agree on the count"),
    "makeup.take_fee": Permission(_CENTRE, "take a session's fee from the liaison, by persons photographed (R133)"),
    "makeup.return_tables": Permission((_R.REGISTRAR, _R.SITE_STAFF), "take signed tables back"),
    "makeup.collect": Permission((_R.LEARNING_CENTRE, _R.REGISTRAR), "run a self-organised collection"),
    "makeup.take_collection": Permission((_R.COLLECTION_CENTRE,), "take, return and finish such a collection"),
    "makeup.check_collection": Permission(
        (_R.LEARNING_CENTRE, _R.REGISTRAR, _R.COLLECTION_CENTRE), "have such a collection measured"
    ),
    "makeup.read_collections": Permission(
        (_R.LEARNING_CENTRE, _R.REGISTRAR, _R.COLLECTION_CENTRE, _R.HEAD_OFFICE), "see such collections"
    ),
    # delivery
    "delivery.browse": Permission(
        (*_CENTRE, _R.REGISTRAR, _R.LEARNING_CENTRE, _R.COLLEGE_OFFICER, _R.COUNSELLOR, _R.COLLEGE_LEADER, _OFFICE),
        "see packages and portraits, each of their own people",
    ),
    "delivery.read": Permission(
        (*_CENTRE, _R.REGISTRAR, _R.LEARNING_CENTRE, _R.COLLEGE_OFFICER), "open a package"
    ),
    "delivery.keep": Permission((*_CENTRE, _R.REGISTRAR, _R.LEARNING_CENTRE), "see whole packages in the list"),
    "delivery.make": Permission(_CENTRE, "have portraits made"),
    "delivery.deliver": Permission((_R.COLLECTION_CENTRE,), "build and deliver a package, settle what was reported"),
    "delivery.check": Permission(
        (_R.REGISTRAR, _R.LEARNING_CENTRE), "check a package, print cards, report a photograph"
    ),
    "delivery.follow_check": Permission(
        (_R.REGISTRAR, _R.LEARNING_CENTRE, _R.COLLECTION_CENTRE), "see checks, reports and protocols"
    ),
    "delivery.fetch": Permission(
        (_R.COLLECTION_CENTRE, _R.REGISTRAR, _R.LEARNING_CENTRE), "fetch the file of a package"
    ),
    "delivery.hand_out": Permission((*_SCHOOL, _R.COLLEGE_LEADER, _OFFICE), "hand out and note it"),
    # verification
    "verification.read": Permission((*_REMINDERS, _R.NATIONAL_REVIEWER, _OFFICE, _PUSHES), "see verification cases"),
    "verification.remind": Permission((*_REMINDERS, _OFFICE, _PUSHES), "get the list of who has not verified yet (R171, R172)"),
    "verification.open": Permission(_PLANNERS, "open verification"),
    "verification.settle": Permission(_PLANNERS, "answer a disputed photograph"),
    "verification.close": Permission((_R.REGISTRAR,), "set the closing day, expire a case"),
    "verification.propose_reopening": Permission(
        (_R.REGISTRAR,), "propose a second look where the record changed after the confirmation (R170)"
    ),
    "verification.decide_reopening": Permission(
        (_R.HEAD_OFFICE, _R.REGISTRAR), "approve or reject a second look that another person proposed (R170)"
    ),
    "verification.decide_early_end": Permission(
        (_R.HEAD_OFFICE, _R.REGISTRAR), "approve or reject an earlier closing day that another proposed (R171)"
    ),
    "verification.notify": Permission((*_SCHOOL, _OFFICE, _PUSHES), "keep addresses and send notices"),
    # selfphoto
    "selfphoto.read": Permission(
        (*_SCHOOL, *_CENTRE, _R.HEAD_OFFICE, _OFFICE, _PUSHES), "see who photographs themselves and where each stands"
    ),
    "selfphoto.issue": Permission(
        (*_SCHOOL, _OFFICE), "give and take back personal links, grant more tries, keep photographs to compare with"
    ),
    # errata
    "errata.read": Permission(
        (*_SCHOOL, _R.HEAD_OFFICE, _R.COLLECTION_CENTRE, *_ON_SITE, _OFFICE, _PUSHES), "see errata cases and export them"
    ),
    "errata.read_forms": Permission((*_SCHOOL, _R.HEAD_OFFICE, _R.COLLECTION_CENTRE, _OFFICE), "see errata forms and print them"),
    "errata.draft": Permission((*_SCHOOL, _OFFICE), "put an error on record, compile a form, withdraw"),
    "errata.attach": Permission((*_SCHOOL, _R.COLLECTION_CENTRE, _OFFICE), "attach a file to a case"),
    "errata.send": Permission(
        (_R.REGISTRAR, _R.LEARNING_CENTRE, _R.COLLEGE_OFFICER), "seal, send, confirm and file"
    ),
    "errata.send_outside": Permission((_R.REGISTRAR, _R.LEARNING_CENTRE), "send to a party outside the school"),
    "errata.receive": Permission(
        (_R.COLLECTION_CENTRE, _R.REGISTRAR, _R.LEARNING_CENTRE), "acknowledge what was sent"
    ),
    "errata.correct": Permission((_R.COLLECTION_CENTRE, _R.REGISTRAR, _R.HEAD_OFFICE), "correct, reissue or refuse"),
    "errata.correct_at_registry": Permission((_R.REGISTRAR, _R.HEAD_OFFICE), "... where the registry corrects"),
    "errata.correct_at_agency": Permission((_R.COLLECTION_CENTRE, _R.REGISTRAR), "... where the agency corrects"),
    "errata.correct_at_centre": Permission((_R.COLLECTION_CENTRE, _R.REGISTRAR), "... where the centre corrects"),
    "errata.correct_at_chsi": Permission((_R.REGISTRAR,), "... where CHSI corrects"),
    "errata.seat": Permission((*_ON_SITE, _R.REGISTRAR), "seat a person for a reshoot"),
    "errata.reshoot": Permission(
        (_R.COLLECTION_CENTRE, _R.REGISTRAR, _R.HEAD_OFFICE, *_ON_SITE), "note that the reshoot took place"
    ),
    # registration
    "registration.read": Permission((_R.REGISTRAR, *_STEPS_OF_REVIEW), "see reviews and the ledger"),
    "registration.review": Permission(_STEPS_OF_REVIEW, "take one's own step of the review"),
    "registration.apply": Permission((_R.COLLEGE_OFFICER, _R.LEARNING_CENTRE), "apply for a review (first step)"),
    "registration.approve": Permission((_R.HEAD_OFFICE,), "approve for the school (second step), decide corrections"),
    "registration.approve_nationally": Permission((_R.NATIONAL_REVIEWER,), "approve and register (third step)"),
    "registration.return": Permission((_R.HEAD_OFFICE, _R.NATIONAL_REVIEWER), "send a review back"),
    "registration.propose": Permission((_R.REGISTRAR,), "propose a correction or a photograph for the ledger"),
    "registration.close": Permission((_R.REGISTRAR,), "close the verification of a campaign"),
    "registration.without_photo": Permission(
        (_R.NATIONAL_REVIEWER, _R.REGISTRAR), "register without a photograph (R171)"
    ),
    "registration.export": Permission(
        (_R.REGISTRAR, _R.HEAD_OFFICE, _R.NATIONAL_REVIEWER), "export the ledger and fetch the file"
    ),
    # who is told of dates (agenda.py) where nobody else's permission says it
    "due.data": Permission((*_COLLEGE, _R.COLLEGE_LEADER), "have the roster's data due"),
    "due.milestones": Permission(
        (*_COLLEGE, _R.REGISTRAR, _R.COLLEGE_LEADER, _R.COLLECTION_CENTRE), "are told of a campaign's milestones"
    ),
    "due.sessions": Permission((*_ON_SITE, *_PLANNERS, *_COLLEGE), "are told of sessions"),
    "due.sessions_seen": Permission((*_PLANNERS, *_COLLEGE), "watch the dates of sessions that others run"),
    "due.to_shoot": Permission((*_ON_SITE, _R.COLLECTION_CENTRE), "are told of sessions to come and alarms"),
    "due.appointments": Permission((*_CENTRE, *_SCHOOL), "are told of make-up appointments"),
    "due.make_up_end": Permission((_R.COLLECTION_CENTRE, *_SCHOOL), "are told when the make-up season ends"),
    "due.openings": Permission((*_PLANNERS, *_COLLEGE), "are told when verification opens"),
    "due.errata": Permission((_R.COLLECTION_CENTRE, _R.HEAD_OFFICE, _R.REGISTRAR), "are told of errata deadlines"),
    "due.mending": Permission((_R.COLLECTION_CENTRE, _R.HEAD_OFFICE), "have errata to mend"),
    "due.late_errata": Permission(_PLANNERS, "are told of errata that are overdue"),
    "due.reviews": Permission((*_STEPS_OF_REVIEW, _R.REGISTRAR), "are told of reviews that wait"),
}  # fmt: skip


def roles_of(*names: str) -> tuple[Role, ...]:
    """The roles of a permission, of several together, in the order of ``Role``. Raises ``KeyError`` for an unknown one."""
    wanted = {role for name in names for role in PERMISSIONS[name].roles}
    return tuple(role for role in Role if role in wanted)


def holds(user: Any, *names: str) -> bool:
    """Whether a person holds one of the permissions anywhere: for links and buttons, never instead of the check.

    Somebody who is not signed in holds none.
    """
    return bool(getattr(user, "roles", frozenset()).intersection(roles_of(*names)))


def seats(actor: Actor, *names: str) -> list[Organisation]:
    """The organisations in which a person holds one of the permissions; of the system and of graduates none."""
    if actor.kind is not ActorKind.USER:
        return []
    wanted = frozenset(roles_of(*names))
    return list(dict.fromkeys(held.organisation for held in actor.user.held if held.role in wanted))


def fits(role: str, organisation: Organisation) -> bool:
    """Whether a role may be held in this organisation."""
    at_root = organisation.parent_id is None and role in HELD_AT_ROOT
    return organisation.kind in HELD_IN[Role(role)] or at_root


def mix(roles: Iterable[str]) -> bool:
    """Whether roles that must stay apart would come together in one account."""
    held = set(roles)
    return len(held) > 1 and bool(held.intersection(APART))


def printed() -> str:
    """``docs/permissions.md``: the table for people, and where each role may be held."""
    lines = [
        "# Who may do what",
        "",
        "Made from `apps/orgs/permissions.py` by `python -m gradphoto.apps.orgs.permissions`; a test holds both to each other.",
        "",
        "A permission reaches down: it is held in an organisation and acts on what hangs there or below. What is shared",
        "down the tree (a school's campaign, its sessions, its calendar) is seen from below and changed only at or above",
        "its owner. The system itself may do everything; graduates and stations act by predicates of their own.",
        "",
        "## Where a role is held",
        "",
        "| role | kinds of organisation |",
        "|---|---|",
    ]
    for role, kinds in HELD_IN.items():
        where = "all" if len(kinds) == len(OrganisationKind) else ", ".join(f"`{kind}`" for kind in kinds)
        at_root = " or the root of the tree" if role in HELD_AT_ROOT else ""
        lines.append(f"| `{role}` | {where}{at_root} |")
    apart = ", ".join(f"`{role}`" for role in APART)
    lines += ["", f"Held with no other role in one account: {apart}. Nobody gives a role to themselves."]
    room = ""
    for name, one in PERMISSIONS.items():
        if name.partition(".")[0] != room:
            room = name.partition(".")[0]
            lines += ["", f"## {room}", "", "| permission | roles | lets |", "|---|---|---|"]
        roles = ", ".join(f"`{role}`" for role in roles_of(name))
        lines.append(f"| `{name}` | {roles} | {one.lets} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(printed(), end="")
