"""Matching a bank's statement in the background."""

from __future__ import annotations

from gradphoto.apps.core import blobs
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.fees.bank import finish_import, match_row
from gradphoto.apps.fees.models import BankImport, BankImportStatus
from gradphoto.apps.fees.statements import read_statement


@handles("fees.match_statement", Queue.QUICK)
def match_statement(run: JobRun) -> None:
    """Row by row, each in its own transaction: a second run after a kill finds what is done and books nothing twice."""
    bank_import = BankImport.objects.select_related("campaign", "organisation", "source").get(pk=run.params["import"])
    if bank_import.status == BankImportStatus.DONE:
        return
    rows = read_statement(blobs.read(bank_import.source))
    run.start(len(rows))
    for done, row in enumerate(rows, start=1):
        match_row(run.actor, bank_import, row=row)
        run.advance(done)
    finish_import(run.actor, bank_import)
