"""Run in a process of its own: gphoto2 reads VCAMERADIR when it is imported."""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gradphoto.engine.devices.tether import CameraError, TetheredCamera, find_cameras, spool_name

spool = Path(sys.argv[1])
found = find_cameras()
told: dict = {"found": [[one.model, one.port] for one in found]}
camera = TetheredCamera(spool / spool_name(found[0]), found[0].port)
told["serial"] = camera.serial
clock = camera.measure_clock()
told["clock"] = [clock.offset_s, clock.uncertainty_s, clock.sentence.zh]
now = datetime.now(UTC)


def gather(wanted: int) -> list:
    global now
    frames = []
    ends = time.monotonic() + 20
    while len(frames) < wanted and time.monotonic() < ends:
        now += timedelta(seconds=1)
        frames += camera.poll(now)
    return frames


told["before"] = len(camera.poll(now))
told["frames"] = []
for _ in range(3):
    camera.trigger()
    for frame in gather(1):
        data = camera.read(frame)
        told["frames"].append(
            [frame.file_name, frame.exif.folder, frame.exif.file_number, frame.exif.camera_serial, len(data)]
        )
        if len(told["frames"]) < 3:
            camera.done(frame)


class Pulled:
    """The cable comes out: every question fails as libgphoto2 says it."""

    def __getattr__(self, name):
        import gphoto2

        raise gphoto2.GPhoto2Error(-7)


real, camera._camera = camera._camera, Pulled()
real.exit()
try:
    camera.poll(now)
except CameraError as error:
    told["unplugged"] = error.code
told["connected"] = camera.is_connected
camera._try_again_at = 0.0
now += timedelta(seconds=1)
camera.poll(now)
told["back"] = camera.is_connected
camera.close()
again = TetheredCamera(spool / spool_name(found[0]))
now += timedelta(seconds=1)
again.poll(now)
told["handed out again"] = [frame.file_name for frame in again.poll(now + timedelta(seconds=1))]
again.close()
# The station is off; somebody shoots on; the station starts again.
(Path(os.environ["VCAMERADIR"]) / "B.JPG").write_bytes((Path(os.environ["VCAMERADIR"]) / "A.JPG").read_bytes() + b"\0")
later = TetheredCamera(spool / "another port")
later.note_present()
told["meanwhile"] = []
for _ in range(3):
    now += timedelta(seconds=1)
    told["meanwhile"] += [[frame.file_name, frame.meanwhile] for frame in later.poll(now)]
later.close()
print(json.dumps(told))
