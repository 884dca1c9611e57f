#!/bin/sh
# Makes Temporal's two databases and brings their schemas up to date. Run again, it changes nothing.
# The password comes from SQL_PASSWORD, so that it stands on no command line.
set -eu

sql() {
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" -u "$SQL_USER" -p 5432 --db "$database" "$@"
}

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  sql "$database" create || true # there already
  sql "$database" setup-schema -v 0.0 || true # there already
  sql "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/${pair#*:}/versioned"
done
