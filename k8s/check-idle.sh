#!/usr/bin/env bash
# Whether the colour that does not serve answers, through the API of the cluster. The context of kubectl says which cluster is meant.
# k8s/check-idle.sh <staging|production>
set -euo pipefail
cd "$(dirname "$0")"
case ${1-} in staging | production) ;; *) echo 'Usage: k8s/check-idle.sh <staging|production>' >&2; exit 2 ;; esac
namespace=dr-assistant-$1
serving=$(kubectl --namespace "$namespace" get service api --output go-template='{{index .spec.selector "dr-assistant/color"}}')
if [ "$serving" = blue ]; then idle=green; else idle=blue; fi
port=${CHECK_IDLE_PORT:-18103}
kubectl --namespace "$namespace" port-forward "deployment/api-$idle" "$port:8103" >/dev/null &
forward=$!
trap 'kill "$forward" 2>/dev/null || true' EXIT
./check-served.sh "http://127.0.0.1:$port"
