"""The HTTP resources of visits: one router per file."""

from services.visits.api import activities, due, requests, visits

ROUTERS = (visits.router, requests.router, activities.router, due.router)
