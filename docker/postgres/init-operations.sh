#!/bin/sh
# Runs once, on the first start of OperationsDB. The owner sets up; `sync_worker` reads the stream and, even where row
# level security is on, every row that set-up grants to it; `sync_api` only reads. Nobody of them is a superuser. The
# tables are the platform's, empty.
set -eu
psql --set=ON_ERROR_STOP=1 --set=owner="$OWNER_PASSWORD" --set=worker="$WORKER_PASSWORD" --set=api="$API_PASSWORD" \
  --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE astro_owner LOGIN PASSWORD :'owner';
CREATE ROLE sync_worker LOGIN REPLICATION BYPASSRLS PASSWORD :'worker';
CREATE ROLE sync_api LOGIN BYPASSRLS PASSWORD :'api';
ALTER DATABASE operations OWNER TO astro_owner;
REVOKE ALL ON DATABASE operations FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE operations TO sync_worker, sync_api;
SQL
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --command='SET ROLE astro_owner' --file=/platform/schema.sql
