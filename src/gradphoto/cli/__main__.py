"""``python -m gradphoto.cli``: the same command where no script is on the path."""

from gradphoto.cli import main

main()
