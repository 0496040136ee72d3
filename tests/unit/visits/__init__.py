"""Rules of visits, without anything around them."""
