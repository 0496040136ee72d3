"""The HTTP resources of visits: one router and its bodies per file."""

from services.visits.api import requests, visits

ROUTERS = (visits.router, requests.router)
