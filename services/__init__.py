"""The four services of Türöffner; none of them imports another."""
