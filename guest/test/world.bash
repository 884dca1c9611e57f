# A probe's world on loopback: a web server with the document, the real exporter, and a key that signs.
# shellcheck shell=bash disable=SC2154 # `run` of bats assigns status and output.

guest=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

start_world() {
  export WORLD=$BATS_FILE_TMPDIR
  mkdir -p "$WORLD/web" "$WORLD/exporter"
  openssl genpkey -algorithm ed25519 -out "$WORLD/signing.pem"
  openssl pkey -in "$WORLD/signing.pem" -pubout -out "$WORLD/public.pem"
  WEB_PORT=$(free_port)
  EXPORTER_PORT=$(free_port)
  export WEB_PORT EXPORTER_PORT
  write_settings '{}'
  python3 -m http.server --bind 127.0.0.1 --directory "$WORLD/web" "$WEB_PORT" >/dev/null 2>&1 3>&- &
  echo "$!" >>"$WORLD/pids"
  python3 "$guest/root/usr/local/lib/innervisor/exporter.py" --listen 127.0.0.1 --settings "$WORLD/probe.json" \
    --peers "$WORLD/state/peers.json" --agent-status "$WORLD/run/status.prom" \
    --disk-file "$WORLD/exporter/disk" >"$WORLD/exporter.log" 2>&1 3>&- &
  echo "$!" >>"$WORLD/pids"
  await curl --silent --fail "http://127.0.0.1:$EXPORTER_PORT/peers"
  await curl --silent --fail "http://127.0.0.1:$WEB_PORT/"
}

stop_world() {
  local pid
  while read -r pid; do kill "$pid" || true; done <"$WORLD/pids"
}

# Each test begins without a list; the exporter keeps what it had until a test brings another.
fresh_state() {
  rm -rf "$WORLD/state" "$WORLD/run" "$WORLD/web/peers.json"
  mkdir -p "$WORLD/state" "$WORLD/run"
  write_settings '{}'
}

write_settings() {
  jq -n --argjson port "$EXPORTER_PORT" --rawfile key "$WORLD/public.pem" --arg url "http://127.0.0.1:$WEB_PORT/peers.json" --argjson more "$1" \
    '{region: "luxembourg", installation: "prod", hypervisor: "own-host", availability_zone: "a",
      probe_id: "00000000", peers_url: $url, peers_public_key: $key, peers_max: 64, watchers: 20, version: "v1",
      peer_networks: ["127.0.0.0/8"], disk_file_mebibytes: 1, exporter_port: $port} + $more' >"$WORLD/probe.json"
}

# A document of this generation, with the peers given as JSON or two of them.
document() {
  local peers=${2:-$(peer 00000001 127.0.1.1),$(peer 00000002 127.0.1.2)}
  printf '{"schema":1,"installation":"prod","region":"luxembourg","generation":%s,"peers":[%s]}' "$1" "$peers"
}

peer() {
  printf '{"probe_id":"%s","server_id":"s","address":"%s","hypervisor":"host-%s","availability_zone":"a"}' "$1" "$2" "$1"
}

# Signs the document on stdin as the orchestrator does and puts it where the agent looks.
publish() {
  jq -cjS . >"$WORLD/message"
  openssl pkeyutl -sign -inkey "$WORLD/${1:-signing.pem}" -rawin -in "$WORLD/message" -out "$WORLD/signature"
  jq -cS --arg signature "$(base64 -w 0 "$WORLD/signature")" '. + {signature: $signature}' \
    "$WORLD/message" >"$WORLD/web/peers.json"
}

agent() {
  INNERVISOR_SETTINGS=$WORLD/probe.json INNERVISOR_LIB=$guest/root/usr/local/lib/innervisor STATE_DIRECTORY=$WORLD/state \
    RUNTIME_DIRECTORY=$WORLD/run INNERVISOR_EXPORTER_URL=${EXPORTER_URL:-http://127.0.0.1:$EXPORTER_PORT} \
    INNERVISOR_RELOAD_SECONDS=${RELOAD_SECONDS:-10} "$guest/root/usr/local/bin/innervisor-agent"
}

# Runs the agent on what lies there; it must say why, and leave the list in force as it was.
refuses() {
  local before
  before=$(<"$WORLD/state/peers.json")
  run agent
  [ "$status" -eq 1 ]
  [[ $output == "$1"* ]]
  [ "$(<"$WORLD/state/peers.json")" = "$before" ]
  metric_is last_result "{result=\"$1\"} 1"
  metric_is last_run_ok ' 0'
  [ "$(served generation)" = "$(jq .generation "$WORLD/state/peers.json")" ]
}

metric_is() { grep -Fx "innervisor_agent_$1$2" "$WORLD/run/status.prom"; }

served() { curl --silent "http://127.0.0.1:$EXPORTER_PORT/peers" | jq -r ".$1"; }

await() {
  local tries=200
  until "$@" >/dev/null 2>&1; do
    ((tries--)) || return 1
    sleep 0.05
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
