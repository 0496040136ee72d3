"""Reporting keeps facts, figures, targets against actuals, and sealed reports.

It publishes the ``reporting.*`` topics and listens to all three others.
"""
