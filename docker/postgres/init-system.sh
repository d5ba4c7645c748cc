#!/bin/sh
# Runs once, on the first start of SystemDB: the role of the worker and the API. It reads and writes rows of tables that
# the migrations make, and cannot change the tables themselves.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$SYNC_PASSWORD" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE sync LOGIN PASSWORD :'password';
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO sync;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sync;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO sync;
SQL
