#!/bin/sh
# Writes the passwords and tokens that docker-compose.yml needs into .env, readable for nobody else. A secret that is
# there already stays as it is. Needs no more than a shell and /dev/urandom.
set -eu
umask 077

file="${1:-$(dirname "$0")/../.env}"
touch "$file"
chmod 600 "$file"
# A last line without an end would swallow the next one.
if [ -n "$(tail -c 1 "$file")" ]; then echo >> "$file"; fi

# The value of a variable in the file, without quotes; of several lines the last one counts, as Docker has it.
value_of() {
  sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}$1[[:space:]]*=[[:space:]]*//p" "$file" |
    tail -n 1 | sed 's/^#.*//; s/[[:space:]]#.*//; s/[[:space:]]*$//; s/^["'\'']//; s/["'\'']$//'
}

known=0
for name in REDIS_PASSWORD RABBITMQ_PASSWORD POSTGRES_PASSWORD TASKER_AUTH_TOKEN SCANLEDGER_ADMIN_TOKEN; do
  case "$(value_of "$name")" in
    '')
      echo "$name=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >> "$file"
      echo "$name: generated"
      ;;
    guest | tasker | postgres)
      echo "$name: everybody knows the one in $file; take that line out and run this again" >&2
      known=1
      ;;
    *) echo "$name: kept" ;;
  esac
done
exit "$known"
