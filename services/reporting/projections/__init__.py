"""What reporting keeps of the events it listens to, one file per topic."""
