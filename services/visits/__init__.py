"""Visits keeps logged contacts, activities and brokered requests.

It publishes the ``visits.*`` topics and listens to registry and matching (tandems).
"""
