"""Background work of the room: measuring frames again after the pipeline or its thresholds have changed."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Assessment, Frame, FrameStatus
from gradphoto.apps.capture.verdicts import assess, let_verdicts_go_first, pipeline_version, rules_of, standard_of
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.queues import Queue
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


@action("capture.reassess", permission="capture.reassess")
def reassess(actor: Actor, campaign: Campaign) -> Job:
    """Measure in the background every frame in use whose verdict is not by the present pipeline and thresholds."""
    title = Wording(f"重新测量照片 {campaign.title}", f"Measure photographs again {campaign.title}")
    job = jobs.enqueue("capture.reassess", actor, title, {"campaign": campaign.pk}, organisation_id=campaign.centre_id)
    audit.note(job=str(job.pk), pipeline=pipeline_version())
    return job


def outdated(campaign: Campaign) -> QuerySet[Frame]:
    """Frames in use without a verdict by the present pipeline, profile and thresholds; what is packed stays as it is."""
    profile = value_of(campaign, PHOTO_PROFILE)
    fresh = Assessment.objects.filter(
        frame=OuterRef("pk"),
        current=True,
        profile=profile,
        pipeline_version=pipeline_version(),
        rules_version=rules_of(campaign, profile),
    )
    frames = Frame.objects.filter(
        check_in__campaign=campaign, status__in=(FrameStatus.BOUND, FrameStatus.ACCEPTED), packed_at=None
    )
    return frames.filter(~Exists(fresh)).order_by("check_in__shooting_number", "pk")


@handles("capture.reassess", Queue.PICTURES)
def run_reassess(run: JobRun) -> None:
    """Frame by frame; cancelled or killed, it goes on where it stopped, because what is fresh is no longer asked for."""
    campaign = Campaign.objects.select_related("rule_set").get(pk=run.params["campaign"])
    profile = standard_of(campaign)
    todo = list(outdated(campaign).values_list("pk", flat=True))
    run.start(len(todo))
    failed = 0
    for done, pk in enumerate(todo, start=1):
        let_verdicts_go_first()
        frame = outdated(campaign).select_related("blob", "check_in").filter(pk=pk).first()
        if frame is not None and frame.check_in is not None:
            try:
                measured = assess(blobs.read(frame.blob), profile)
                actions.record_assessment(run.actor, frame, assessment=measured)
            except GradPhotoError as error:
                run.issue(frame.check_in.number_label, error)
                failed += 1
        run.advance(done, failed)
