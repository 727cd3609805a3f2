"""Who a scanned code names: each way of identification reads its own codes, and the rule set says which ways are lawful.

Another app adds a way with :func:`identifier` (the make-up's personal code, for instance); an approved collector adds
CHSI's through ``engine.devices.collection_code``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import COLLECTION_CODE, IDENTIFICATION, TEST_REGIONS
from gradphoto.apps.capture.actions import CardFacts
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.cards.data import BLANK, COLUMNS, LETTER, CardField
from gradphoto.engine.cards.payload import CHECK_GROUPS, check_values, read_issue
from gradphoto.engine.devices.collection_code import CodeHolder, codec_of
from gradphoto.engine.devices.scanner import clean_scan
from gradphoto.engine.standards.identity import parse_document
from gradphoto.engine.wording import Wording

_CHSI_LIKE = "GPTEST"
_MOST_PREASSIGNED_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom a code names and how; ``card`` where the code itself says who its holder is, ``caution`` what to see to."""

    method: Identification
    candidate: Candidate | None = None
    card: CardFacts | None = None
    caution: Wording | None = None


Identifier = Callable[[CaptureSession, str], Identified | None]
_IDENTIFIERS: list[Identifier] = []


def identifier(reader: Identifier) -> Identifier:
    """Register a reader of codes: it answers ``None`` for a text that is none of its codes."""
    _IDENTIFIERS.append(reader)
    return reader


def identify(session: CaptureSession, raw: str) -> Identified:
    """Whom a scan names. Raises ``capture.scan_unknown`` and what the readers raise."""
    text = clean_scan(raw)
    for reader in _IDENTIFIERS:
        if text and (found := reader(session, text)) is not None:
            return found
    raise invalid(
        "capture.scan_unknown",
        "扫到的内容不是本批次的代码。",
        "What was scanned is no code of this campaign.",
        "请重新扫描；仍不行请改用人工查找。",
        "Scan again; if that fails, look the person up by hand.",
    )


@identifier
def collection_code(session: CaptureSession, text: str) -> Identified | None:
    """A collection code (采集码), through the adapter that the rule set names."""
    rule = in_force(session.campaign.rule_set, COLLECTION_CODE)
    codec = codec_of(COLLECTION_CODE.read(rule.value)) if rule else None
    if codec is None or not codec.knows(text):
        if text.upper().startswith(_CHSI_LIKE):
            raise refuse(
                "capture.code_no_adapter",
                "本批次没有可用的采集码适配器。",
                "This campaign has no adapter for collection codes.",
                "请在规则集中设置“采集码适配器”，或改用其他识别方式。",
                "Name one in the rule set, or use another way of identification.",
            )
        return None
    holder = codec.read(text)
    people = session.campaign.candidates.filter(id_number_index=blind_index(holder.id_number))
    found = people.first()
    if found is not None and holder.student_no and not people.filter(student_no=holder.student_no).exists():
        raise refuse(
            "capture.code_other_programme",
            "采集码属于此人的另一个学籍。",
            "The code belongs to another programme of this person.",
            "请学生出示本专业的采集码（一个学籍对应一个码）。",
            "Have the student show the code of this programme: one code, one status record.",
        )
    return Identified(Identification.CHSI_CODE, card=_facts(session, holder, found))


def _facts(session: CaptureSession, holder: CodeHolder, found: Candidate | None) -> CardFacts:
    """The code tells name and number; a passport's number tells neither sex nor birth, and so contradicts none."""
    said = parse_document(holder.id_number, None, frozenset(value_of(session.campaign, TEST_REGIONS)))
    sex = str(said.sex or (found.sex if found else ""))
    return CardFacts(
        holder.name, sex, said.birth_date or (found.birth_date if found else session.date), holder.id_number
    )


@identifier
def machine_card(session: CaptureSession, text: str) -> Identified | None:
    """The printed code of a collection card: numbers stand in it as short check values only."""
    issue = read_issue(text.encode("gb18030", errors="replace"))
    if issue is None:
        return None
    if issue.blank:
        raise invalid(
            "capture.blank_card",
            "这是一张空白采集卡，没有姓名。",
            "This is a blank card; it names nobody.",
            "请改用学号或人工查找。",
            "Use the student number or look the person up by hand.",
        )
    people = session.campaign.candidates
    named = [one for one in people.filter(name=issue.name) if _is_issued_to(issue.card_id, issue.checks, one)]
    found = named or [one for one in people.all() if _is_issued_to(issue.card_id, issue.checks, one)]
    return Identified(Identification.MACHINE_CARD, found[0]) if len(found) == 1 else None


def _is_issued_to(card_id: str, checks: tuple[str, ...], person: Candidate) -> bool:
    """Whether student number and ID number give the card's check values."""
    columns = {field: "" for group in CHECK_GROUPS for field in group}
    columns[CardField.STUDENT_NO] = _columns(CardField.STUDENT_NO, person.student_no)
    columns[CardField.ID_NUMBER] = _columns(CardField.ID_NUMBER, person.id_number.decrypt())
    values = check_values(card_id, columns)
    wanted = [at for at, group in enumerate(CHECK_GROUPS) if group[0] in (CardField.STUDENT_NO, CardField.ID_NUMBER)]
    return all(values[at] == checks[at] for at in wanted)


def _columns(field: CardField, text: str) -> str:
    return "".join(c if c in "0123456789" else LETTER for c in text).ljust(COLUMNS[field], BLANK)


@identifier
def number(session: CaptureSession, text: str) -> Identified | None:
    """A student number (bar code of the student card), or the pre-assigned number that the shooting list gave them (R101)."""
    if not text.isalnum() or not text.isascii():
        return None
    found = session.campaign.candidates.filter(student_no__iexact=text).first()
    if found is not None:
        return Identified(Identification.STUDENT_NO, found)
    allowed: Iterable[str] = value_of(session.campaign, IDENTIFICATION)
    if not text.isdigit() or len(text) > _MOST_PREASSIGNED_DIGITS or Identification.PREASSIGNED not in allowed:
        return None
    # As the list was issued: whoever dropped out since leaves a gap, and nobody moves up (R47, B7).
    found = session.campaign.candidates.filter(preassigned_number=int(text)).first()
    return Identified(Identification.PREASSIGNED, found) if found else None
