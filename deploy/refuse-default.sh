#!/bin/sh
# refuse-default.sh VARIABLE COMMAND...: runs the command, unless the variable reads "changethis". The services see to their
# own secrets; this is for those of broker and database that no service reads.
set -eu
variable=$1
shift
if [ "$(printenv "$variable")" = changethis ]; then
  echo "$variable must not be \"changethis\" in production" >&2
  exit 1
fi
exec "$@"
