"""The application: how and when we fetch."""
