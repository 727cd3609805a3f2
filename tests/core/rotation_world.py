"""A small installation for the test that kills ``gradphoto keys rotate``: ``fill`` makes it, ``look`` reads all of it."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


DIFFERENT = ("id", "student_no", "id_number", "id_number_index")


def fill() -> None:
    from gradphoto.cli.server import prepare

    prepare()
    from world import add_candidate, build_world

    world = build_world()
    from gradphoto.apps.roster.models import Candidate

    like = add_candidate(world, 1)
    same = {f.attname: getattr(like, f.attname) for f in Candidate._meta.concrete_fields if f.name not in DIFFERENT}
    Candidate.objects.bulk_create(
        Candidate(**same, student_no=f"N{n}", id_number=f"number {n}", id_number_index=f"index {n}")
        for n in range(1800)
    )


def look() -> None:
    import django

    django.setup()
    from gradphoto.apps.core.encryption import key_id_of
    from gradphoto.apps.roster.models import Candidate
    from gradphoto.engine.errors import GradPhotoError

    unreadable, keys = 0, set()
    for person in Candidate.objects.all():
        keys.add(key_id_of(person.id_number.sealed()))
        try:
            person.id_number.decrypt()
        except GradPhotoError:
            unreadable += 1
    print(json.dumps({"unreadable": unreadable, "keys": len(keys), "people": Candidate.objects.count()}))


{"fill": fill, "look": look}[sys.argv[1]]()
