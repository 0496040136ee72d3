"""Writers that turn what registry knows into files."""
