#!/bin/sh
# refuse-default.sh COMMAND...: runs the command, unless a variable reads "changethis". What database and broker make with a
# password keeps it.
set -eu
names=$(env | sed -n 's/=changethis$//p' | sort | tr '\n' ' ')
if [ -n "$names" ]; then
  echo "must not be \"changethis\" in production: $names" >&2
  exit 1
fi
exec "$@"
