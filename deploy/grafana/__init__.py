"""Grafana's dashboards as code: ``boards`` says what is on them, ``panels`` lays them out; the JSON is generated."""
