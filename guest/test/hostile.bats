#!/usr/bin/env bats
# The agent with a list that is missing, broken or hostile: the last good one stays.

load world.bash

setup_file() { start_world; }
teardown_file() { stop_world; }

setup() {
  fresh_state
  document 20 | publish
  agent
  [ "$(served generation)" = 20 ]
}

@test "refuses a list that was altered after it was signed" {
  document 21 | publish
  sed -i 's/127.0.1.1/127.0.1.3/' "$WORLD/web/peers.json"
  refuses bad_signature
}

@test "refuses a list that another key signed" {
  openssl genpkey -algorithm ed25519 -out "$WORLD/other.pem"
  document 21 | publish other.pem
  refuses bad_signature
}

@test "refuses a list without a signature" {
  document 21 >"$WORLD/web/peers.json"
  refuses bad_signature
}

@test "refuses an older generation" {
  document 19 | publish
  refuses older
}

@test "refuses a generation that is no whole number" {
  document 21.5 | publish
  refuses older
}

@test "refuses another schema" {
  document 21 | jq '.schema = 2' | publish
  refuses wrong_schema
}

@test "refuses the list of another region, or of another installation" {
  document 21 | jq '.region = "belval"' | publish
  refuses foreign
  document 21 | jq '.installation = "staging"' | publish
  refuses foreign
}

@test "refuses an empty file" {
  : >"$WORLD/web/peers.json"
  refuses empty
}

@test "refuses a truncated file" {
  document 21 | publish
  truncate -s 100 "$WORLD/web/peers.json"
  refuses malformed
}

@test "refuses two documents in one file" {
  document 21 | publish
  cp "$WORLD/web/peers.json" "$WORLD/once"
  cat "$WORLD/once" >>"$WORLD/web/peers.json"
  refuses malformed
}

@test "refuses a file that is too large" {
  truncate -s 3M "$WORLD/web/peers.json"
  refuses too_large
}

@test "gives up on an answer that never ends and doesn't say how long it is" {
  local port
  port=$(free_port)
  python3 "$BATS_TEST_DIRNAME/endless.py" "$port" 3>&- &
  local pid=$!
  await curl --silent --fail --head "http://127.0.0.1:$port/"
  write_settings "{\"peers_url\": \"http://127.0.0.1:$port/\"}"
  refuses too_large
  kill "$pid"
}

@test "keeps the list when there is none at the URL" {
  rm "$WORLD/web/peers.json"
  refuses missing
}

@test "keeps the list when nobody listens" {
  write_settings '{"peers_url": "http://127.0.0.1:1/peers.json"}'
  refuses unreachable
}

@test "reads no file of this machine, whatever the URL says" {
  write_settings "{\"peers_url\": \"file://$WORLD/web/peers.json\"}"
  refuses unreachable
}

@test "refuses a list with a host name, an odd spelling, or an address outside the networks" {
  local address
  for address in example.org 127.1 127.0.0.01 0x7f000001 192.0.2.1 ::1 '127.0.1.1 -f /etc/passwd' '-h'; do
    document 21 "$(peer 00000003 "$address")" | publish
    refuses bad_peers
  done
}

@test "refuses addresses of no one machine where every network is allowed" {
  local address
  write_settings '{"peer_networks": []}'
  for address in 224.0.0.1 0.0.0.0 255.255.255.255 ff02::1 :: fe80::1%lo; do
    document 21 "$(peer 00000003 "$address")" | publish
    refuses bad_peers
  done
}

@test "refuses one address or one probe that stands there twice" {
  document 21 "$(peer 00000003 127.0.1.3),$(peer 00000004 127.0.1.3)" | publish
  refuses bad_peers
  document 21 "$(peer 00000003 127.0.1.3),$(peer 00000003 127.0.1.4)" | publish
  refuses bad_peers
}

@test "refuses peers of another shape" {
  local peers
  for peers in '{}' '"text"' '[]' '{"probe_id":1}' '{"probe_id":"a","address":"127.0.1.1","hypervisor":""}'; do
    document 21 "$peers" | publish
    refuses bad_peers
  done
}

@test "keeps the list on a full disk" {
  document 21 | publish
  unshare -Urm true || skip 'this machine gives no user namespace to make a small disk in'
  run unshare -Urm bash "$BATS_TEST_DIRNAME/full-disk.bash"
  [ "$status" -eq 1 ]
  [[ $output == *write_failed:*'No space left'* ]]
  metric_is last_result '{result="write_failed"} 1'
  metric_is peers_generation ' 20'
}
