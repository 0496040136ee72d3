"""The benchmarks: every module in here is imported by the command and registers what it has with ``@benchmark``."""
