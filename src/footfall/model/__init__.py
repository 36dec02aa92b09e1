"""The words of the system: events, periods and errors. Imports nothing of ours."""
