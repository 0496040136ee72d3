"""The settings that a process of reporting reads once, at its start."""

from functools import partial

from shared.runtime.settings import read_settings

read = partial(read_settings, "reporting")
