"""What a file's state allows: asked by every step of its way."""

from __future__ import annotations

from gradphoto.apps.core.errors import refuse
from gradphoto.apps.roster.models import DifferenceState, RosterImport


def require_status(roster_import: RosterImport, *statuses: str) -> None:
    if roster_import.status not in statuses:
        raise refuse(
            "roster.import_settled",
            "这个文件当前不能这样办理。",
            "This is not possible with the file as it stands.",
            "请刷新页面查看最新状态；需要时重新上传。",
            "Reload the page to see how it stands; upload it again if need be.",
        )


def require_untouched(roster_import: RosterImport) -> None:
    """Once something was taken over, the file is not read anew: the review would speak of another state."""
    if roster_import.differences.exclude(state=DifferenceState.WAITING).exists():
        raise refuse(
            "roster.review_begun",
            "已开始确认，不能再改列或修正。",
            "The review has begun; columns and repairs can no longer change.",
            "请完成确认，或放弃后重新上传。",
            "Finish the review, or discard it and upload the file again.",
        )
