#!/usr/bin/env bash
# Puts a new version of the api beside the one that serves, and lets the other one serve, with nothing but kubectl.
# See README.md, "Blue and green". The context of kubectl says which cluster is meant.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat >&2 <<'TXT'
Usage: k8s/blue-green.sh <command> <staging|production>
  status    which colour serves, and what runs in each
  prepare   migrates, brings workers and bots up to date, and starts the version of the colour that does not serve
  switch    lets the colour that does not serve do so, if it is ready; once more to go back
  retire    stops the colour that does not serve
TXT
  exit 2
}

fail() {
  echo "blue-green: $*" >&2
  exit 1
}

[ $# -eq 2 ] || usage
command=$1 overlay=$2
case $overlay in staging | production) ;; *) usage ;; esac
namespace=dr-assistant-$overlay
wait_for=${BLUE_GREEN_WAIT:-600s}

in_namespace() { kubectl --namespace "$namespace" "$@"; }

# Nothing where there is no Service yet.
serving() {
  in_namespace get service api --ignore-not-found --output go-template='{{index .spec.selector "dr-assistant/color"}}'
}

other() { if [ "$1" = blue ]; then echo green; else echo blue; fi; }

running_image() {
  in_namespace get deployment "api-$1" --ignore-not-found \
    --output go-template='{{(index .spec.template.spec.containers 0).image}}'
}

replicas() {
  in_namespace get deployment "api-$1" --ignore-not-found --output go-template='{{.spec.replicas}}'
}

# The image that the overlay has for a colour.
wanted_image() {
  awk -v name="  name: api-$1" '
    /^---$/ { kind = ""; named = 0 }
    /^kind: / { kind = $2 }
    $0 == name { named = 1 }
    kind == "Deployment" && named && /^ +(- )?image: / { print $NF; exit }
  ' "$rendered"
}

apply() { in_namespace apply --filename "$rendered" --selector "$1"; }

prepare() {
  rendered=$(mktemp)
  trap 'rm -f "$rendered"' EXIT
  kubectl kustomize "overlays/$overlay" >"$rendered"
  local active idle now wanted copies
  active=$(serving)
  idle=$(other "${active:-green}")
  if [ -n "$active" ]; then
    now=$(running_image "$active") wanted=$(wanted_image "$active")
    [ "$now" = "$wanted" ] ||
      fail "$active serves with $now, and the overlay would change that to $wanted; give the new version to $idle"
  fi
  # What the processes need: accounts, settings, secrets, the volume, who may speak with whom.
  apply '!app.kubernetes.io/component'
  # A Job cannot be changed.
  in_namespace delete job migrate --ignore-not-found
  apply app.kubernetes.io/component=migrate
  in_namespace wait --for=condition=complete --timeout="$wait_for" job/migrate ||
    fail 'the migration has not completed; kubectl logs job/migrate says why, and nothing else was changed'
  apply 'app.kubernetes.io/component in (api, worker, bots), !dr-assistant/switch'
  copies=$([ -n "$active" ] && replicas "$active" || echo 2)
  in_namespace scale "deployment/api-$idle" --replicas="$copies"
  in_namespace rollout status "deployment/api-$idle" --timeout="$wait_for"
  if [ -z "$active" ]; then
    in_namespace scale "deployment/api-$(other "$idle")" --replicas=0
    apply dr-assistant/switch
  fi
  in_namespace rollout status deployment/worker --timeout="$wait_for"
  in_namespace rollout status deployment/bots --timeout="$wait_for"
  echo "blue-green: $idle runs $(running_image "$idle")"
}

switch() {
  local active idle
  active=$(serving)
  [ -n "$active" ] || fail 'nothing serves yet: prepare first'
  idle=$(other "$active")
  [ "$(replicas "$idle")" -gt 0 ] 2>/dev/null || fail "$idle has no copies: prepare first"
  in_namespace rollout status "deployment/api-$idle" --timeout=60s || fail "$idle is not ready, and $active serves on"
  in_namespace patch service api --type=merge --patch "{\"spec\":{\"selector\":{\"dr-assistant/color\":\"$idle\"}}}"
  echo "blue-green: $idle serves; once more to go back to $active"
}

retire() {
  local active
  active=$(serving)
  [ -n "$active" ] || fail 'nothing serves yet: prepare first'
  in_namespace scale "deployment/api-$(other "$active")" --replicas=0
}

status() {
  local active color
  active=$(serving)
  for color in blue green; do
    echo "$color: $(running_image "$color") × $(replicas "$color")$([ "$color" = "$active" ] && echo ', serves')"
  done
}

case $command in
  status | prepare | switch | retire) "$command" ;;
  *) usage ;;
esac
