"""Background work of the roster: reading an imported file, taking it over, and one step for many rows."""

from __future__ import annotations

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.bulk import work_off
from gradphoto.apps.roster.imports.apply import decided, take_over
from gradphoto.apps.roster.imports.mark import mark_file
from gradphoto.apps.roster.imports.read import read_file, still_wanted
from gradphoto.apps.roster.imports.review import fail_import
from gradphoto.apps.roster.models import BulkStep, ImportStatus, RosterImport
from gradphoto.engine.errors import GradPhotoError

_IMPORTS = RosterImport.objects.select_related("campaign__school", "campaign__rule_set", "organisation", "source")


@handles("roster.import", Queue.QUICK)
def read_import(run: JobRun) -> None:
    """Read and check one file. A second run after a kill reads it again and puts the same result in its place."""
    roster_import = _IMPORTS.get(pk=run.params["import"])
    if roster_import.status != ImportStatus.READING:
        return
    try:
        read_file(run, roster_import)
    except GradPhotoError:
        with still_wanted(run, roster_import):
            fail_import(run.actor, roster_import)
        raise


@handles("roster.mark", Queue.QUICK)
def mark_import(run: JobRun) -> None:
    """Make the marked-up copy of a large file."""
    mark_file(run, _IMPORTS.get(pk=run.params["import"]))


@handles("roster.decide", Queue.QUICK)
def take_over_import(run: JobRun) -> None:
    """Take over what was accepted, as the person who accepted it, with the roles they hold now."""
    roster_import = _IMPORTS.get(pk=run.params["import"])
    user = run.params["actor"]
    actor = Actor.of(User.objects.get(pk=user)) if user is not None else run.actor
    run.start(decided(roster_import).count())
    take_over(actor, roster_import, run.advance)


@handles("roster.bulk", Queue.QUICK)
def run_bulk(run: JobRun) -> None:
    """One step for many rows, taken as the person who asked for it, with the roles they hold now."""
    bulk = BulkStep.objects.select_related("user", "campaign").get(pk=run.params["bulk"])
    run.start(bulk.outcomes.count())
    work_off(Actor.of(bulk.user), bulk, run.advance)
