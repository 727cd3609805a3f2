"""Which column is which, which sheets, what stands for missing columns: proposed, confirmed by a person, remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import InvalidInput, invalid
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.imports.guards import require_status, require_untouched
from gradphoto.apps.roster.imports.place import departments_of
from gradphoto.apps.roster.imports.receive import BOUNDED, upload_roster
from gradphoto.apps.roster.imports.rules import lint_rules
from gradphoto.apps.roster.lifecycle import IMPORT
from gradphoto.apps.roster.models import ColumnMemory, ImportStatus, RosterImport
from gradphoto.engine.roster import ColumnMapping, Proposal, Severity, chosen_of, propose_sheets
from gradphoto.engine.roster.layout import FIELD_WORDINGS, REQUIRED, derivable
from gradphoto.engine.roster.lint_fields import check_value
from gradphoto.engine.wording import Wording


def proposal_of(roster_import: RosterImport, sheet: str | None = None) -> Proposal:
    """Which column is which, by the file itself, as it was looked at when it came."""
    known = [Proposal.from_plain(said) for said in roster_import.proposals]
    return chosen_of(known or propose_sheets(blobs.read(roster_import.source), reader=BOUNDED), sheet)


def remembered(roster_import: RosterImport, proposal: Proposal) -> tuple[ColumnMapping, dict[str, str]] | None:
    """What the school confirmed for the same headings the last time: the mapping and the values for the whole file.

    Where this very file was confirmed before (it could not be read, or its columns are looked at again), that counts.
    """
    if roster_import.mapping and (own := ColumnMapping.from_plain(roster_import.mapping)).sheet == proposal.sheet:
        return own, dict(roster_import.defaults)
    memory = ColumnMemory.objects.filter(
        school=roster_import.campaign.school_id, fingerprint=proposal.fingerprint
    ).first()
    if memory is None:
        return None
    return proposal.remembered(ColumnMapping.from_plain(memory.mapping)), dict(memory.defaults)


@action("roster.read_import", permission="roster.list")
def read_import(
    actor: Actor, roster_import: RosterImport, *, mapping: ColumnMapping, defaults: Mapping[str, str]
) -> None:
    """The columns are confirmed: remember them for the school and read the file in the background.

    ``defaults`` are values for the whole file where it has no such column; they are checked like cells. Raises
    ``roster.columns_missing``, ``roster.default_wrong`` or ``roster.import_settled``.
    """
    require_status(roster_import, ImportStatus.MAPPING, ImportStatus.REVIEW, ImportStatus.FAILED, ImportStatus.READING)
    require_untouched(roster_import)
    given = {name: text.strip() for name, text in defaults.items() if text.strip() and name not in mapping.columns}
    _require_columns(mapping, given)
    _require_good_defaults(roster_import, given)
    roster_import.mapping = mapping.to_plain()
    roster_import.defaults = given
    if actor.kind is ActorKind.USER:
        ColumnMemory.objects.update_or_create(
            school_id=roster_import.campaign.school_id,
            fingerprint=proposal_of(roster_import, mapping.sheet or None).fingerprint,
            defaults={
                "mapping": replace(mapping, also=(), leave_hidden=False, leave_struck=False).to_plain(),
                "defaults": given,
                "used_at": timezone.now(),
            },
        )
    start_reading(actor, roster_import)
    audit.note(columns=sorted(mapping.columns), defaults=sorted(given), sheets=1 + len(mapping.also))


@action("roster.reread_import", permission="roster.list")
def reread_import(actor: Actor, roster_import: RosterImport) -> None:
    """Read a file again that could not be read, or whose reading was cancelled, with the columns confirmed before."""
    require_status(roster_import, ImportStatus.FAILED, ImportStatus.READING)
    if not roster_import.mapping:
        raise invalid(
            "roster.columns_missing",
            "还没有确认各列。",
            "The columns are not confirmed yet.",
            "请先确认各列。",
            "Confirm the columns first.",
        )
    start_reading(actor, roster_import)
    audit.note(again=True)


def _require_columns(mapping: ColumnMapping, given: Collection[str]) -> None:
    for one in (mapping, *mapping.also):
        derived = derivable(one.columns)
        missing = [name for name in REQUIRED if name not in {*one.columns, *given, *derived}]
        if missing:
            titles = tuple(FIELD_WORDINGS[name] for name in missing)
            where = (f"工作表“{one.sheet}”", f" for sheet {one.sheet}") if mapping.also else ("", "")
            raise invalid(
                "roster.columns_missing",
                f"{where[0]}还没有指定：{'、'.join(one.zh for one in titles)}。",
                f"Not yet named{where[1]}: {', '.join(one.en for one in titles)}.",
                "请选择对应的列，或为整份文件填写统一的值。",
                "Choose the column, or give one value for the whole file.",
            )


def _require_good_defaults(roster_import: RosterImport, given: Mapping[str, str]) -> None:
    """A value for the whole file is judged as a cell is: one wrong word would make every row wrong."""
    for name, fault in wrong_defaults(roster_import, given):
        raise InvalidInput(
            "roster.default_wrong",
            Wording(
                f"{FIELD_WORDINGS[name].zh}“{given[name]}”：{fault[0].zh}",
                f"{FIELD_WORDINGS[name].en} {given[name]}: {fault[0].en}",
            ),
            fault[1],
        )


def wrong_defaults(
    roster_import: RosterImport, given: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Wording, Wording]]]:
    """The fields whose value for the whole file cannot be used, with reason and remedy."""
    rules = lint_rules(roster_import)
    places = departments_of(roster_import.campaign)
    for name, text in given.items():
        verdict = check_value(name, text, rules)
        fault = next((fault for fault in verdict.faults if fault.severity is Severity.ERROR), None)
        if fault is not None:
            yield name, (fault.reason, fault.remedy)
        elif name == "department" and not places.get(str(verdict.value)):
            yield name, _NO_SUCH_DEPARTMENT


_NO_SUCH_DEPARTMENT = (
    Wording("没有这个院系或学习中心。", "There is no such department or learning centre."),
    Wording("请从列表中选择。", "Choose one of the list."),
)


def start_reading(actor: Actor, roster_import: RosterImport) -> None:
    """Read the file in the background; what still works on it has been overtaken."""
    if roster_import.job is not None:
        jobs.cancel(roster_import.job)
    roster_import.job = jobs.enqueue(
        "roster.import",
        actor,
        Wording(f"读取名册 {roster_import.file_name}", f"Read roster {roster_import.file_name}"),
        {"import": roster_import.pk},
        organisation_id=roster_import.organisation_id,
        result_url=reverse("roster:import", args=[roster_import.pk]),
    )
    IMPORT.move(roster_import, "roster.read_import", fields=("job", "mapping", "defaults"))


def import_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Hand in a file whose headings we know and read it without asking about its columns."""
    made = upload_roster(actor, campaign, organisation=organisation, file_name=file_name, data=data)
    read_import(actor, made, mapping=proposal_of(made).mapping(), defaults={})
    return made
