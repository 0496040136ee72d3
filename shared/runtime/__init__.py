"""Settings, the tasks of a process, and their graceful end."""
