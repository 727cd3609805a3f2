"""The product's way of keeping passwords at the least cost: tests of sign-in test other things."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """A tenth of a millisecond instead of a tenth of a second; what it made is a password to the product like any other."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
