#!/bin/sh
# Runs once, on the first start of SystemDB. The owner migrates and then gives the worker and the API the rights that
# each of them needs; they cannot change the tables themselves.
set -eu
psql --set=ON_ERROR_STOP=1 --set=owner="$OWNER_PASSWORD" --set=worker="$WORKER_PASSWORD" --set=api="$API_PASSWORD" \
  --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE sync_owner LOGIN PASSWORD :'owner';
CREATE ROLE sync_worker LOGIN PASSWORD :'worker';
CREATE ROLE sync_api LOGIN PASSWORD :'api';
ALTER DATABASE system OWNER TO sync_owner;
REVOKE ALL ON DATABASE system FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE system TO sync_worker, sync_api;
ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT USAGE ON SCHEMAS TO sync_worker, sync_api;
ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO sync_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT SELECT ON TABLES TO sync_api;
ALTER DEFAULT PRIVILEGES FOR ROLE sync_owner GRANT USAGE ON SEQUENCES TO sync_worker;
SQL
