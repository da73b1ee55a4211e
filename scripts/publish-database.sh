#!/bin/sh
# Publishes the advisory database: what was published last, brought up to date, signed and pushed. By hand, or by
# .github/workflows/database.yaml each night.
#
#   REPOSITORY=registry.example.com/clair/database KEY=database.key scripts/publish-database.sh
#
# REPOSITORY  where it goes; what is there already is loaded first, so that upstreams are only asked for changes
# KEY         private key (PEM, ECDSA P-256) that signs it; CLAIR_SIGN_PASSWORD has its password. Empty: it is not signed
# PUBLIC_KEY  refuse what is there if this key has not signed it
# DIRECTORY   where it is built (./clair-database); may be served by a web server as well
# CLAIRCTL    the program (clairctl). Its settings are environment variables: CLAIR_DB, CLAIR_CONF, CLAIR_REGISTRY_USERNAME, …
set -eu

: "${REPOSITORY:?name the repository that the database is pushed to}"
clairctl=${CLAIRCTL:-clairctl}
directory=${DIRECTORY:-./clair-database}

# The first time there is none; a database that cannot be used is made anew from upstream.
$clairctl db pull ${PUBLIC_KEY:+--db-key "$PUBLIC_KEY"} "$REPOSITORY" || echo "publish-database: begins without what was published" >&2

# 1: some feeds failed. Their last good data are published with that state, and reports tell it.
$clairctl db update || echo "publish-database: some feeds could not be updated (clairctl db status)" >&2
$clairctl db status

$clairctl db build ${KEY:+--sign-key "$KEY"} "$directory"
$clairctl db push "$directory" "$REPOSITORY"
