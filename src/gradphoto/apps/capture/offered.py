"""What the rules of the capture room may be chosen from, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION, PACKET_SUITE, REVIEW_FOUR_EYES, REVIEW_REQUIRED
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.wording import bi
from gradphoto.engine.packet.suites import Suite
from gradphoto.engine.portrait.verdict import Outcome

_VERDICTS = (
    (Outcome.PASS, bi("合格", "Passes")),
    (Outcome.REVIEW, bi("复核", "Needs a look")),
    (Outcome.FAIL, bi("不合格", "Fails")),
)
_SUITES = ((Suite.INTL, bi("国际算法（AES、SHA-256）", "AES, SHA-256")), (Suite.GM, bi("国密（SM4、SM3）", "SM4, SM3")))

offer(IDENTIFICATION, lambda: Identification.choices)
offer(REVIEW_FOUR_EYES, lambda: _VERDICTS)
offer(REVIEW_REQUIRED, lambda: _VERDICTS)
offer(PACKET_SUITE, lambda: _SUITES)
