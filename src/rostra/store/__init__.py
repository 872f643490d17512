"""The backstage's database: tables, migrations, sessions. Only control may import it."""
