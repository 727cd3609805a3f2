"""Why a record is not put into place now."""

from __future__ import annotations

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.stations.models import ConflictKind
from gradphoto.engine.wording import Wording


class Wait(Exception):  # noqa: N818 - an answer, not a fault
    """Something it needs has not come yet; the next packet or decision may bring it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.sentence = Wording(zh, en)


class Clash(Exception):  # noqa: N818 - an answer, not a fault
    """It contradicts what the centre holds: a person decides."""

    def __init__(
        self,
        kind: ConflictKind,
        sentence: Wording,
        *,
        candidate: Candidate | None = None,
        present: CheckIn | None = None,
    ) -> None:
        super().__init__(sentence.en)
        self.kind = kind
        self.sentence = sentence
        self.candidate = candidate
        self.present = present
