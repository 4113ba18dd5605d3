#!/bin/bash
# Starts PostgreSQL with the options given, with a database and a user for every file in $DATABASES: the file's name is
# that of both, its content the password. With "metastore-schema" it makes a Hive metastore's schema instead, in the
# database that libpq's variables (PGHOST, PGDATABASE, PGUSER, PGPASSWORD) name. Nothing of a password is an argument.
set -euo pipefail
DATABASES=${DATABASES:-/etc/sparkproof/databases}
psql=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1)

make_cluster() {
  # Elsewhere first: a start that is killed half-way leaves no cluster that looks whole.
  rm -rf "$PGDATA.partial"
  initdb --pgdata "$PGDATA.partial" --username "$PGUSER" --auth-local peer --auth-host scram-sha-256 \
    --encoding UTF8 --locale C.UTF-8 --data-checksums --no-instructions
  echo "host all all all scram-sha-256" >> "$PGDATA.partial/pg_hba.conf"
  mv "$PGDATA.partial" "$PGDATA"
}

make_database() { # FILE
  if [[ ! -s $1 ]]; then
    echo "The password in $1 is empty." >&2
    exit 65
  fi
  PASSWORD_FILE=$1 "${psql[@]}" --set name="$(basename "$1")" --dbname postgres <<'SQL'
-- Not even a statement that fails is written into the log with the password.
SET log_min_error_statement = panic;
\set password `cat "$PASSWORD_FILE"`
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

if [[ ${1:-} == metastore-schema ]]; then
  if [[ $("${psql[@]}" --tuples-only --no-align --command "SELECT to_regclass('\"VERSION\"') IS NOT NULL") == t ]]; then
    echo "The metastore's schema is there."
  else
    "${psql[@]}" --single-transaction --output /dev/null --file /opt/sparkproof/hive-metastore.sql
    echo "The metastore's schema is made."
  fi
  exit
fi

[[ -d $PGDATA ]] || make_cluster
# A volume's fsGroup may have opened the folder to the group, which PostgreSQL refuses.
chmod 0700 "$PGDATA"
# Without the network until every database is there and has its password.
pg_ctl start --wait --silent --options "-c listen_addresses=''"
for file in "$DATABASES"/*; do
  [[ ! -f $file ]] || make_database "$file"
done
pg_ctl stop --wait --silent
exec postgres -c listen_addresses='*' "$@"
