"""The consents to comparing faces in a kit: a laptop measures nobody's face who has not agreed (facts 5.1). Who takes it back
in the room takes it back at the centre, too."""

from gradphoto.apps.pairing.face_consent import gather, hear, load
from gradphoto.apps.stations.kit_parts import heard, kit_part

kit_part("face_consents", gather, load)
heard("pairing.withdraw_consent", hear)
