"""The table of rules: each reads measurements against one threshold and says what to do.

Sources: 教毕指〔2017〕99号 (pose, eyes, mouth, light, backdrop, clothes, geometry), R115, R116, R119 to R123. The geometry's
windows are judged by ``window_rules``, a finished file's format by ``file_rules``.
"""

from gradphoto.engine.portrait.rules.appearance import APPEARANCE_RULES
from gradphoto.engine.portrait.rules.backdrop import BACKDROP_RULES
from gradphoto.engine.portrait.rules.face import FACE_COUNT, FACE_RULES
from gradphoto.engine.portrait.rules.light import LIGHT_RULES
from gradphoto.engine.portrait.rules.model import Rule, Seen, Trained
from gradphoto.engine.portrait.rules.source import SOURCE_RULES

RULES: tuple[Rule, ...] = (*FACE_RULES, *SOURCE_RULES, *LIGHT_RULES, *BACKDROP_RULES, *APPEARANCE_RULES)

__all__ = ["FACE_COUNT", "RULES", "Rule", "Seen", "Trained"]
