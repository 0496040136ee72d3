"""How Türöffner is run: the local stack, containers, the demo."""
