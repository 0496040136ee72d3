"""The settings that a process of visits reads once, at its start."""

from functools import partial

from shared.runtime.settings import read_settings

read = partial(read_settings, "visits")
