"""Run as a process: fills a new data directory with one officer who has a password and one graduate with a printed card."""

import json
import sys

from gradphoto.cli import server

server.prepare()

from gradphoto.apps.orgs.models import Role  # noqa: E402
from verification.graduate_world import card_of, open_case  # noqa: E402
from world import build_world  # noqa: E402


def seed(password: str) -> dict[str, object]:
    world = build_world()
    officer = world.people[Role.REGISTRAR]
    officer.set_password(password)
    officer.save()
    return {"username": officer.username, "card": card_of(open_case(world, 1).candidate)}


if __name__ == "__main__":
    print(json.dumps(seed(sys.argv[1])))
