#!/bin/sh
# Runs once, on the first start of OperationsDB: the role that reads the stream and copies tables. It owns nothing.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$SYNC_PASSWORD" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE sync LOGIN REPLICATION BYPASSRLS PASSWORD :'password';
GRANT pg_read_all_data TO sync;
SQL
