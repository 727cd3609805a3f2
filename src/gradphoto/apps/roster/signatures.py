"""The sign chain under one row: left once, voided when the data change, and never two links by one hand."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.roster.models import Candidate, RosterFinding, Signature, SignatureStep, SignatureWay, SignedTable
from gradphoto.apps.roster.models.cases import OPEN_CASE


def leave(
    actor: Actor,
    candidate: Candidate,
    step: SignatureStep,
    *,
    way: SignatureWay = SignatureWay.SYSTEM,
    signer: str = "",
    table: SignedTable | None = None,
) -> Signature:
    """Put one signature under the row; ``signer`` is the person's name where it is not the actor who signs."""
    return Signature.objects.create(
        candidate=candidate,
        step=step,
        way=way,
        signer=(signer or str(actor.user or actor.label))[:150],
        recorded_by=actor.key,
        table=table,
    )


def void(candidate: Candidate, *, keep: tuple[SignatureStep, ...] = ()) -> int:
    """Void the live signatures but those to ``keep``; returns how many. They stay on record."""
    live = candidate.signatures.filter(voided_at=None).exclude(step__in=keep)
    return live.update(voided_at=timezone.now())


def require_another(actor: Actor, candidate: Candidate, *steps: SignatureStep) -> None:
    """Four eyes: whoever recorded one of ``steps`` does not take the next one. Raises ``roster.four_eyes``."""
    if candidate.signatures.filter(voided_at=None, step__in=steps, recorded_by=actor.key).exists():
        raise refuse(
            "roster.four_eyes",
            "前一道签字也是您办理的，本步须由另一人办理。",
            "You took an earlier step of this row; this one needs another person.",
            "请由相应负责人本人登录办理。",
            "Have the person in charge sign in and take it.",
        )


def require_no_open_case(candidate: Candidate) -> None:
    """What is known to be wrong is not signed for (R24, R35). Raises ``roster.error_open``."""
    if candidate.correction_cases.filter(status__in=OPEN_CASE).exists():
        raise refuse(
            "roster.error_open",
            "该生还有未处理的信息错误。",
            "An error of this person is still open.",
            "请先在“信息更正”中更正、撤销或作出结论。",
            "Correct, withdraw or decide it first, under corrections.",
        )


def settle_findings(candidate: Candidate, fields: tuple[str, ...]) -> None:
    """The import's remarks on these fields are dealt with."""
    if candidate.imported_from_id is not None and candidate.imported_row is not None:
        RosterFinding.objects.filter(
            roster_import=candidate.imported_from_id,
            row=candidate.imported_row,
            field__in=fields,
            settled_at=None,
        ).update(settled_at=timezone.now())
