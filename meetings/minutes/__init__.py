"""What was said, concluded and decided at a meeting, approved and handed out."""
