"""Places that keep things. One door to each library: SQLite, ClickHouse, SQLAlchemy."""
