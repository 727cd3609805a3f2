"""Run in a process of its own: gphoto2 reads VCAMERADIR when it is imported."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gradphoto.engine.devices.tether import CameraError, TetheredCamera, find_cameras, spool_name

spool = Path(sys.argv[1])
found = find_cameras()
if sys.argv[2:] == ["later"]:
    # The station was off and somebody shot on; now it starts again, the camera on another port.
    now = datetime.now(UTC)
    camera = TetheredCamera(spool / "another port")
    camera.note_present()
    seen = [camera.poll(now + timedelta(seconds=turn)) for turn in range(3)]
    print(json.dumps([[frame.file_name, frame.meanwhile] for frames in seen for frame in frames]))
    sys.exit()
told: dict = {"found": [[one.model, one.port] for one in found]}
camera = TetheredCamera(spool / spool_name(found[0]), found[0].port)
told["serial"] = camera.serial
clock = camera.measure_clock()
told["clock"] = [clock.offset_s, clock.uncertainty_s, clock.sentence.zh]
now = datetime.now(UTC)


def gather(wanted: int) -> list:
    global now
    frames = []
    ends = time.monotonic() + 120
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
print(json.dumps(told))
