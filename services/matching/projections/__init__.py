"""What matching keeps of the events it listens to, one file per topic."""
