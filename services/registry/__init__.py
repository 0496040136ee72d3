"""Registry keeps cities, sites, programmes, people, families, engagements, participations, consents and cohorts.

It publishes the ``registry.*`` topics and listens to matching (tandems), visits and reporting (confirmed erasures).
"""
