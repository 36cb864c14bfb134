"""Letters on their way: written once under a key, carried one at a time, never called sent before they were taken."""
