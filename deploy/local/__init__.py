"""The local stack: MongoDB and Kafka as plain processes on loopback; standard library only."""
