"""The consents to comparing faces in a kit: a laptop measures nobody's face who has not agreed (facts 5.1)."""

from gradphoto.apps.pairing.face_consent import gather, load
from gradphoto.apps.stations.kit_parts import kit_part

kit_part("face_consents", gather, load)
