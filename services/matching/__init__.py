"""Matching keeps the pool, rounds, proposals with their reasons, tandems and the waiting list.

It publishes the ``matching.*`` topics and listens to registry.
"""
