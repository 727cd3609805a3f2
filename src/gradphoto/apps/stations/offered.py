"""What the rules of stations may be chosen from, in words."""

from __future__ import annotations

from gradphoto.apps.campaigns.options import offer
from gradphoto.apps.campaigns.settings_keys import PACKET_SUITE
from gradphoto.apps.core.wording import bi
from gradphoto.engine.packet.suites import Suite

_SUITES = ((Suite.INTL, bi("国际算法（AES、SHA-256）", "AES, SHA-256")), (Suite.GM, bi("国密（SM4、SM3）", "SM4, SM3")))

offer(PACKET_SUITE, lambda: _SUITES)
