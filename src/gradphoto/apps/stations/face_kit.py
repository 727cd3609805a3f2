"""The consents to comparing faces in a kit: a laptop measures nobody's face who has not agreed (facts 5.1). What is signed or
taken back in the room comes back as a record of the packet (``place_consents``)."""

from gradphoto.apps.pairing.consents_carried import gather, load
from gradphoto.apps.stations.kit_parts import kit_part

kit_part("face_consents", gather, load)
