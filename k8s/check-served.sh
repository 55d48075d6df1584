#!/usr/bin/env bash
# Whether a server answers as clients need it: its health, its capabilities and its configuration of SMART, ten times in a row.
# k8s/check-served.sh https://fhir.clinic.example
set -euo pipefail
[ $# -eq 1 ] || { echo 'Usage: k8s/check-served.sh <origin>' >&2; exit 2; }
origin=${1%/}

# Retries cover the seconds in which a load balancer learns of new copies.
ask() { curl --fail --silent --show-error --max-time 10 --retry 5 --retry-all-errors --retry-delay 2 "$origin$1"; }

[ "$(ask /readyz)" = ok ] || { echo "check-served: $origin is not ready" >&2; exit 1; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
  case $(ask /fhir/R4/metadata) in
    *'"resourceType":"CapabilityStatement"'*) ;;
    *) echo "check-served: $origin/fhir/R4/metadata is no CapabilityStatement" >&2; exit 1 ;;
  esac
done
case $(ask /fhir/R4/.well-known/smart-configuration) in
  *'"token_endpoint"'*) ;;
  *) echo "check-served: $origin has no configuration of SMART" >&2; exit 1 ;;
esac
echo "check-served: $origin answers"
