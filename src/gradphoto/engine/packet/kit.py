"""A kit: all that one station needs to work a day in a room without network, and nothing else.

Every field is a JSON value; dates and times are ISO 8601. ID numbers stand in it three times over so that none is ever
needed in the clear: sealed under the kit's own key (``id_token``), as blind index under the kit's own key
(``id_index``), and masked (``id_masked``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.packet.envelope_errors import envelope_error

KIT_KIND = "kit"
KIT_FORMAT = "gradphoto-kit/1"


@dataclass(frozen=True, slots=True)
class KitKeys:
    """Base64 of 32 bytes each. ``centre_box`` is the centre's X25519.

    ``signing`` is the station's private Ed25519 key, or ``""`` where the laptop has made its own and the centre has
    registered the public half.
    """

    seal: str
    blind_index: str
    audit: str
    signing: str
    centre_box: str


@dataclass(frozen=True, slots=True)
class KitOrganisation:
    """A node of the tree, parents before children."""

    pk: int
    parent: int | None
    kind: str
    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class KitCampaign:
    """The campaign and where its numbers stand: this station gives ``number_first`` to ``number_last``."""

    pk: int
    cohort_year: int
    title: str
    school: int
    centre: int
    rule_set_name: str
    number_first: int
    number_last: int
    photo_profile: str
    rules_version: str
    judgement: dict[str, Any] = field(default_factory=dict)
    """By what the station judges photographs (``capture.verdicts.judgement``); empty in a kit of an older centre."""


@dataclass(frozen=True, slots=True)
class KitRule:
    """One value of the rule set with its source (R6)."""

    key: str
    value: Any
    source: str
    effective_from: str
    issuer: str = "school"


@dataclass(frozen=True, slots=True)
class KitSession:
    """One session this station may work."""

    pk: int
    date: str
    place: str
    chairs: int = 1


@dataclass(frozen=True, slots=True)
class KitSlot:
    """A stretch of time for one class."""

    pk: int
    session: int
    department: int
    class_name: str
    season: str
    starts_at: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class KitPerson:
    """One person of the approved list, with what the room compares and shows (R103)."""

    pk: int
    department: int
    season: str
    class_name: str
    student_no: str
    name: str
    sex: str
    birth_date: str
    major: str
    level: str
    id_token: str
    id_index: str
    id_masked: str
    preassigned_number: int | None = None
    """The number of the issued shooting list, by which the station knows the person, too (R101)."""
    graduation_kind: str = ""
    """毕业 or 结业 as the roster says it (R15); empty is 毕业."""


@dataclass(frozen=True, slots=True)
class KitAppointment:
    """A person's place in the order of a slot (R102)."""

    slot: int
    candidate: int
    position: int


@dataclass(frozen=True, slots=True)
class KitUser:
    """Somebody who may sign in at the station; ``pin_hash`` is a salted hash of their PIN."""

    pk: int
    username: str
    display_name: str
    pin_hash: str
    roles: list[list[Any]]
    """Pairs of organisation pk and role."""


@dataclass(frozen=True, slots=True)
class Kit:
    """The whole of it."""

    kit_id: str
    station: str
    made_at: str
    expires_at: str
    suite: str
    centre_name: str
    keys: KitKeys
    campaign: KitCampaign
    organisations: list[KitOrganisation]
    rules: list[KitRule]
    sessions: list[KitSession]
    slots: list[KitSlot]
    people: list[KitPerson]
    appointments: list[KitAppointment]
    users: list[KitUser]
    parts: dict[str, Any] = field(default_factory=dict)
    """What other rooms of the house need at the station, by name; without ID numbers."""
    chairs: list[int] = field(default_factory=list)
    """Which chairs of a room this laptop works; empty: all of them."""

    def to_bytes(self) -> bytes:
        """JSON, UTF-8."""
        said = {"format": KIT_FORMAT, **asdict(self)}
        return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Kit:
        """Raises ``EnvelopeError`` ``packet.too_new`` for a kit of another format, ``packet.altered`` for none."""
        try:
            said: dict[str, Any] = strict_json(data)
            if said.pop("format") != KIT_FORMAT:
                raise envelope_error("too_new")
            for name, row in _LISTS.items():
                said[name] = [row(**one) for one in said[name]]
            said["keys"], said["campaign"] = KitKeys(**said["keys"]), KitCampaign(**said["campaign"])
            return cls(**said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise envelope_error("altered") from error


_LISTS: dict[str, Any] = {
    "organisations": KitOrganisation,
    "rules": KitRule,
    "sessions": KitSession,
    "slots": KitSlot,
    "people": KitPerson,
    "appointments": KitAppointment,
    "users": KitUser,
}
