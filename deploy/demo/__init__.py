"""The main job from end to end, against running services."""
