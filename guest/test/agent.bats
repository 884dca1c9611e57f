#!/usr/bin/env bats
# The agent with a good list.

load world.bash

setup_file() { start_world; }
teardown_file() { stop_world; }
setup() { fresh_state; }

@test "takes a signed list and sees it in force in the exporter" {
  document 7 | publish

  run agent

  [ "$status" -eq 0 ]
  [ "$output" = 'updated: generation 7, 2 peers' ]
  [ "$(served generation)" = 7 ]
  [ "$(served peers)" = 2 ]
  metric_is peers_generation ' 7'
  metric_is last_result '{result="updated"} 1'
  metric_is last_run_ok ' 1'
}

@test "says unchanged for the list that is in force, and writes nothing" {
  document 8 | publish
  agent
  local before
  before=$(stat -c '%i %y' "$WORLD/state/peers.json")

  run agent

  [ "$output" = unchanged ]
  [ "$(stat -c '%i %y' "$WORLD/state/peers.json")" = "$before" ]
}

@test "leaves itself out" {
  document 9 "$(peer 00000000 127.0.1.9),$(peer 00000001 127.0.1.1)" | publish

  agent

  [ "$(jq -c '[.peers[].probe_id]' "$WORLD/state/peers.json")" = '["00000001"]' ]
  [ "$(jq .listed "$WORLD/state/peers.json")" = 2 ]
}

@test "picks its share of a list that is longer than peers_max" {
  write_settings '{"peers_max": 3, "watchers": 2}'
  document 10 "$(for i in 1 2 3 4 5 6 7; do
    ((i == 1)) || printf ,
    peer "0000000$i" "127.0.1.$i"
  done)" | publish

  agent

  [ "$(jq '.peers | length' "$WORLD/state/peers.json")" -lt 7 ]
  [ "$(jq '.peers | length' "$WORLD/state/peers.json")" -gt 0 ]
}

@test "takes an empty list that is signed: the last probe but this one has gone" {
  document 11 '{}' | jq '.peers = []' | publish

  run agent

  [ "$status" -eq 0 ]
  [ "$(served peers)" = 0 ]
}

@test "goes back to the last good list when the exporter doesn't take the new one" {
  document 12 | publish
  agent
  document 13 | publish
  local before
  before=$(<"$WORLD/state/peers.json")

  EXPORTER_URL=http://127.0.0.1:1 RELOAD_SECONDS=1 run agent

  [ "$status" -eq 1 ]
  [[ $output == reload_failed* ]]
  [ "$(<"$WORLD/state/peers.json")" = "$before" ]
  metric_is peers_generation ' 12'
}

@test "tells when nobody has confirmed the list for long" {
  document 14 | publish
  agent
  touch -d '2026-01-01 00:00:00 UTC' "$WORLD/state/confirmed"
  rm "$WORLD/web/peers.json"

  run agent

  metric_is confirmed_timestamp_seconds ' 1767225600'
}

@test "trusts the authorities that it was given for an https address, and no others" {
  document 15 | publish
  local port pid
  port=$(free_port)
  openssl req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=own -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$WORLD/tls.key" -out "$WORLD/tls.pem" 2>/dev/null
  cd "$WORLD/web"
  openssl s_server -quiet -WWW -accept "127.0.0.1:$port" -cert "$WORLD/tls.pem" -key "$WORLD/tls.key" >/dev/null 2>&1 3>&- &
  pid=$!
  await curl --silent --insecure "https://127.0.0.1:$port/peers.json"

  write_settings "{\"peers_url\": \"https://127.0.0.1:$port/peers.json\"}"
  run agent
  [[ $output == unreachable:*certificate* ]]

  write_settings "$(jq -n --arg url "https://127.0.0.1:$port/peers.json" --rawfile ca "$WORLD/tls.pem" \
    '{peers_url: $url, peers_ca: $ca}')"
  run agent
  kill "$pid"
  [ "$output" = 'updated: generation 15, 2 peers' ]
}
