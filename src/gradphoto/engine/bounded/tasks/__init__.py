"""What the bounded reader can do: each task takes the file and the request, and yields what it answers."""
