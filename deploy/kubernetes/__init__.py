"""Manifests for Kubernetes: built from typed plans, written as YAML by ``make schemas``, compared by tests.

``plan.py`` says what a deployment may differ in, ``examples.py`` has two of them, the other modules make the objects.
"""
