"""What the rules of the review may be chosen from, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import REVIEW_FOUR_EYES, REVIEW_REQUIRED
from gradphoto.apps.core.wording import bi
from gradphoto.engine.portrait.verdict import Outcome

_VERDICTS = (
    (Outcome.PASS, bi("合格", "Passes")),
    (Outcome.REVIEW, bi("复核", "Needs a look")),
    (Outcome.FAIL, bi("不合格", "Fails")),
)

offer(REVIEW_FOUR_EYES, lambda: _VERDICTS)
offer(REVIEW_REQUIRED, lambda: _VERDICTS)
