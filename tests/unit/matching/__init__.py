"""The pure core of matching: rules, order of aims, proof, and the file command."""
