"""Django's SQLite with one thing more: the threads of a process stand in line for the one writer's place."""
