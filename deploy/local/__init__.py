"""The local stack: MongoDB and Kafka as plain processes on loopback; standard library only."""

from deploy.local.stack import Stack

__all__ = ["Stack"]
