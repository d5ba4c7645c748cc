#!/bin/sh
# Makes one certificate authority and one server certificate per database, each in a folder of its own below $TLS_ROOT.
# The key of the authority exists only while this script runs. Does nothing while all certificates are valid for 30 days;
# otherwise it makes all of them anew, and the servers need a restart.
set -eu
umask 077

TLS_ROOT=${TLS_ROOT:-/tls}
SERVERS=${SERVERS:-operations system cache queue}
OWNER=${OWNER:-999:999}
DAYS=${DAYS:-825}
RENEW_BEFORE_S=2592000

still_valid() {
  for name in $SERVERS; do
    openssl verify -CAfile "$TLS_ROOT/ca/ca.pem" "$TLS_ROOT/$name/server.pem" >/dev/null 2>&1 || return 1
    openssl x509 -in "$TLS_ROOT/$name/server.pem" -noout -checkend "$RENEW_BEFORE_S" >/dev/null || return 1
  done
}

make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$DAYS" -sha256 \
    -subj '/CN=AstroBookings data synchronization' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
}

make_server() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$1" \
    -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$1" >"$work/$1.ext"
  openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
    -days "$DAYS" -sha256 -extfile "$work/$1.ext" -out "$work/$1.pem" 2>/dev/null
}

publish_server() {
  mkdir -p "$TLS_ROOT/$1"
  install -m 0600 "$work/$1.key" "$TLS_ROOT/$1/server.key"
  install -m 0644 "$work/$1.pem" "$TLS_ROOT/$1/server.pem"
  chmod 0755 "$TLS_ROOT/$1"
  chown -R "$OWNER" "$TLS_ROOT/$1"
}

if still_valid; then
  echo 'The certificates are valid.'
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_authority
for name in $SERVERS; do make_server "$name"; done
for name in $SERVERS; do publish_server "$name"; done
mkdir -p "$TLS_ROOT/ca"
install -m 0644 "$work/ca.pem" "$TLS_ROOT/ca/ca.pem"
chmod 0755 "$TLS_ROOT/ca"
echo "Made new certificates for: $SERVERS."
