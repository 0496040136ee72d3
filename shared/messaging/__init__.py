"""Kafka behind one door: relay, consumer, reactions, dead letters."""
