#!/bin/bash
# A real OpenStack control plane (Debian 12: Zed, Nova 26) on loopback with N fake hypervisors.
#   up.sh --install    Debian packages and unpacked service packages; needs the network and root
#   up.sh N            idempotent: creates what is missing, starts what is not running
# env: OSLAB_DIR, SKIP_INSTALL=1, FIRST (look after hypervisors FIRST..N alone),
#      REPORT_INTERVAL, SERVICE_DOWN_TIME, NOVA_MAX_LIMIT, NOVA_PROCS, STAGGER
set -eu
N=${1:-5}
HERE=$(cd "$(dirname "$0")" && pwd)
B=${OSLAB_DIR:-/var/tmp/innervisor-openstack-lab}
CACHE=${INNERVISOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/innervisor}/openstack-lab
export OSLAB_DIR=$B LAB_FAULTS=$B/faults LAB_STATE=$B/data/instances PYTHONDONTWRITEBYTECODE=1
IP=127.0.0.1
DBP=13306; RMQP=15673; EPMD=14369; MCP=21211
KS=15000; NOVA=18774; PLC=18778; GL=19292; NEU=19696
PW=lab-secret
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
PY=/usr/bin/python3
say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

# ---------------------------------------------------------------- install
PKGS="python3-nova python3-neutron python3-keystone python3-glance python3-placement mariadb-server rabbitmq-server memcached uwsgi-core uwsgi-plugin-python3 python3-pymysql python3-memcache python3-pymemcache python3-dogpile.cache python3-openstackclient curl iproute2"
DEBS="keystone nova-common nova-api nova-conductor nova-scheduler nova-compute neutron-common neutron-server glance-common glance-api placement-common placement-api"
APT="apt-get -q -o DPkg::Lock::Timeout=900"
install() {
  local log=$CACHE/install.log policy=/usr/sbin/policy-rc.d draft
  mkdir -p "$CACHE"
  if ! { dpkg -s $PKGS >/dev/null 2>&1 && [ -e "$CACHE/root/usr/bin/nova-conductor" ]; }; then
    $APT update >> "$log" 2>&1
  fi
  if ! dpkg -s $PKGS >/dev/null 2>&1; then
    # Packages must not start their own copies of the services.
    if [ ! -e $policy ]; then
      trap 'rm -f /usr/sbin/policy-rc.d' EXIT
      printf '#!/bin/sh\nexit 101\n' > $policy; chmod +x $policy
    fi
    say "installing packages (log: $log)"
    $APT -y --no-install-recommends install $PKGS >> "$log" 2>&1
  fi
  # The service packages are only unpacked: their maintainer scripts would set up a system of their own.
  if [ ! -e "$CACHE/root/usr/bin/nova-conductor" ]; then
    draft=$(mktemp -d "$CACHE/.draft-XXXXXX"); mkdir "$draft/dl" "$draft/root"
    (cd "$draft/dl" && $APT download $DEBS >> "$log" 2>&1; for f in *.deb; do dpkg -x "$f" "$draft/root"; done)
    rm -rf "$CACHE/root" "$CACHE/dl"; mv "$draft/dl" "$draft/root" "$CACHE/"; rmdir "$draft"
  fi
  say "packages installed"
}
if [ "$N" = --install ]; then install; exit 0; fi
if [ -z "${SKIP_INSTALL:-}" ]; then install; fi

# Everything that follows speaks to loopback alone.
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY || true
export PYTHONPATH=$HERE/pkg
FIRST=${FIRST:-1}
mkdir -p $B/{etc/keystone,etc/nova,etc/glance,etc/placement,etc/neutron,log,run/computes,data/glance,data/instances,data/nova,data/neutron/lock,faults}
ln -sfn "$CACHE/root" $B/root

# ---------------------------------------------------------------- process helper
alive() { [ -s $B/run/$1.pid ] && kill -0 "$(cat $B/run/$1.pid)" 2>/dev/null; }
start() { # name cmd...
  local n=$1; shift
  if alive $n; then return; fi
  setsid "$@" > $B/log/$n.out 2>&1 < /dev/null &
  echo $! > $B/run/$n.pid
}
waitport() { for _ in $(seq 600); do (exec 3<>/dev/tcp/$IP/$1) 2>/dev/null && return 0; sleep 0.2; done; echo "port $1 did not open" >&2; return 1; }
waithttp() { # name url
  local c
  for _ in $(seq 600); do
    c=$(curl -s -o /dev/null -m 20 -w '%{http_code}' $2 || true); [ "$c" != 000 ] && [ "$c" -lt 500 ] && return 0
    alive $1 || { echo "$1 ended:" >&2; tail -n 3 $B/log/$1.out >&2; return 1; }
    sleep 0.3
  done
  echo "$2 not up" >&2; return 1
}

# ---------------------------------------------------------------- mariadb, rabbit, memcached
if [ ! -d $B/data/mysql/mysql ]; then
  mariadb-install-db --user=root --datadir=$B/data/mysql --auth-root-authentication-method=normal --skip-test-db > $B/log/mysql-install.log 2>&1
fi
start mariadb /usr/sbin/mariadbd --no-defaults --user=root --datadir=$B/data/mysql --socket=$B/run/mysql.sock --pid-file=$B/run/mysqld.real.pid --port=$DBP --bind-address=$IP --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=512M --max-connections=2000 --skip-name-resolve --character-set-server=utf8mb3 --innodb-flush-method=nosync
start memcached /usr/bin/memcached -u root -l $IP -p $MCP -U 0 -m 64
cat > $B/etc/rabbitmq.conf <<X
listeners.tcp.1 = $IP:$RMQP
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
X
echo '[].' > $B/etc/rabbit_enabled_plugins
mkdir -p $B/data/rabbit
start epmd env ERL_EPMD_PORT=$EPMD epmd -port $EPMD -address $IP
start rabbit env HOME=$B/data/rabbit ERL_EPMD_PORT=$EPMD ERL_EPMD_ADDRESS=$IP RABBITMQ_NODENAME=oslab@localhost RABBITMQ_DIST_PORT=25673 RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none" \
   RABBITMQ_MNESIA_BASE=$B/data/rabbit RABBITMQ_LOG_BASE=$B/log RABBITMQ_PID_FILE=$B/run/rabbit.real.pid RABBITMQ_CONFIG_FILE=$B/etc/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$B/etc/rabbit_enabled_plugins RABBITMQ_CONF_ENV_FILE=/dev/null \
   /usr/lib/rabbitmq/bin/rabbitmq-server
waitport $DBP
MY="mariadb --no-defaults -uroot -S $B/run/mysql.sock"
for d in keystone nova nova_api nova_cell0 glance placement neutron; do
  echo "CREATE DATABASE IF NOT EXISTS $d; GRANT ALL ON $d.* TO 'lab'@'127.0.0.1' IDENTIFIED BY '$PW'; GRANT ALL ON $d.* TO 'lab'@'localhost' IDENTIFIED BY '$PW';"
done | $MY
say "mariadb up"

# ---------------------------------------------------------------- configs
db() { echo "mysql+pymysql://lab:$PW@$IP:$DBP/$1?charset=utf8"; }
authtoken() { cat <<X
[keystone_authtoken]
www_authenticate_uri = http://$IP:$KS/v3
auth_url = http://$IP:$KS/v3
memcached_servers = $IP:$MCP
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $PW
region_name = RegionOne
X
}
svcauth() { cat <<X
[$1]
auth_url = http://$IP:$KS/v3
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $2
password = $PW
region_name = RegionOne
X
}
cat > $B/etc/keystone/keystone.conf <<X
[DEFAULT]
log_dir = $B/log
log_file = keystone.log
[database]
connection = $(db keystone)
[token]
provider = fernet
expiration = 3600
[fernet_tokens]
key_repository = $B/etc/keystone/fernet-keys
[credential]
key_repository = $B/etc/keystone/credential-keys
[fernet_receipts]
key_repository = $B/etc/keystone/fernet-keys
[cache]
enabled = true
backend = dogpile.cache.pymemcache
memcache_servers = $IP:$MCP
[oslo_middleware]
enable_proxy_headers_parsing = true
X
cp -n $B/root/usr/share/nova-common/api-paste.ini $B/etc/nova/
cat > $B/etc/nova/nova.conf <<X
[DEFAULT]
transport_url = rabbit://guest:guest@$IP:$RMQP/
my_ip = $IP
host = ctl
log_dir = $B/log
state_path = $B/data/nova
compute_driver = labfake.LabFakeDriver
enabled_apis = osapi_compute
report_interval = ${REPORT_INTERVAL:-5}
service_down_time = ${SERVICE_DOWN_TIME:-25}
rpc_response_timeout = 60
executor_thread_pool_size = 32
use_cow_images = false
instance_usage_audit = false
running_deleted_instance_action = noop
resume_guests_state_on_host_boot = false
default_availability_zone = nova
[api]
auth_strategy = keystone
max_limit = ${NOVA_MAX_LIMIT:-1000}
[wsgi]
api_paste_config = $B/etc/nova/api-paste.ini
[api_database]
connection = $(db nova_api)
max_overflow = 10
[database]
connection = $(db nova)
max_overflow = 10
$(authtoken nova)
$(svcauth placement placement)
$(svcauth neutron neutron)
service_metadata_proxy = false
$(svcauth service_user nova)
send_service_user_token = false
[glance]
api_servers = http://$IP:$GL
[cinder]
os_region_name = RegionOne
[quota]
instances = -1
cores = -1
ram = -1
server_groups = -1
server_group_members = -1
key_pairs = -1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 20
max_attempts = 3
[conductor]
workers = 2
[filter_scheduler]
track_instance_changes = true
[vnc]
enabled = false
[compute]
live_migration_wait_for_vif_plug = false
[libvirt]
virt_type = qemu
[oslo_concurrency]
lock_path = $B/data/nova/lock
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = 60
rpc_conn_pool_size = 4
[notifications]
notification_format = unversioned
[oslo_messaging_notifications]
driver = noop
X
mkdir -p $B/data/nova/lock
cat > $B/etc/placement/placement.conf <<X
[DEFAULT]
log_dir = $B/log
log_file = placement.log
[api]
auth_strategy = keystone
[placement_database]
connection = $(db placement)
$(authtoken placement)
X
cp -n $B/root/usr/share/glance-common/glance-api-paste.ini $B/root/usr/share/glance-common/schema-image.json $B/etc/glance/; cp -rn $B/root/usr/share/glance-common/metadefs $B/etc/glance/ 2>/dev/null || true
cat > $B/etc/glance/glance-api.conf <<X
[DEFAULT]
log_dir = $B/log
log_file = glance.log
bind_host = $IP
bind_port = $GL
enabled_backends = lab:file
[glance_store]
default_backend = lab
[lab]
filesystem_store_datadir = $B/data/glance
[os_glance_staging_store]
filesystem_store_datadir = $B/data/glance-staging
[os_glance_tasks_store]
filesystem_store_datadir = $B/data/glance-tasks
[database]
connection = $(db glance)
[paste_deploy]
flavor = keystone
config_file = $B/etc/glance/glance-api-paste.ini
$(authtoken glance)
[oslo_concurrency]
lock_path = $B/data/glance
X
mkdir -p $B/data/glance-staging $B/data/glance-tasks; : > $B/etc/glance/glance-image-import.conf
cp -n $B/root/usr/share/neutron-common/api-paste.ini $B/etc/neutron/
cat > $B/etc/neutron/neutron.conf <<X
[DEFAULT]
transport_url = rabbit://guest:guest@$IP:$RMQP/
host = ctl
bind_host = $IP
bind_port = $NEU
log_dir = $B/log
log_file = neutron.log
state_path = $B/data/neutron
core_plugin = ml2
service_plugins =
auth_strategy = keystone
api_workers = 2
rpc_workers = 1
rpc_state_report_workers = 0
api_paste_config = $B/etc/neutron/api-paste.ini
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
dhcp_agent_notification = false
allow_overlapping_ips = true
[database]
connection = $(db neutron)
$(authtoken neutron)
$(svcauth nova nova)
$(svcauth placement placement)
[quotas]
default_quota = -1
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_security_group = -1
quota_security_group_rule = -1
[oslo_concurrency]
lock_path = $B/data/neutron/lock
[ml2]
type_drivers = local,flat,vlan
tenant_network_types = vlan
mechanism_drivers = labmech
extension_drivers = port_security
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:2000
[ml2_type_flat]
flat_networks = physnet1
[securitygroup]
enable_security_group = true
X
say "configs written"

# ---------------------------------------------------------------- databases
if [ ! -e $B/run/db.done ]; then
  ( cd $B
    keystone-manage --config-file $B/etc/keystone/keystone.conf db_sync
    keystone-manage --config-file $B/etc/keystone/keystone.conf fernet_setup --keystone-user root --keystone-group root
    keystone-manage --config-file $B/etc/keystone/keystone.conf credential_setup --keystone-user root --keystone-group root
    keystone-manage --config-file $B/etc/keystone/keystone.conf bootstrap --bootstrap-password $PW --bootstrap-region-id RegionOne --bootstrap-public-url http://$IP:$KS/v3/ --bootstrap-internal-url http://$IP:$KS/v3/ --bootstrap-admin-url http://$IP:$KS/v3/
  ) > $B/log/db-keystone.log 2>&1 & p1=$!
  ( $PY -c "import sys;sys.argv=['neutron-db-manage','--config-file','$B/etc/neutron/neutron.conf','upgrade','heads'];from neutron.db.migration.cli import main;sys.exit(main())" ) > $B/log/db-neutron.log 2>&1 & p2=$!
  ( NM="$PY $B/root/usr/bin/nova-manage --config-file $B/etc/nova/nova.conf"
    $NM api_db sync; $NM cell_v2 map_cell0 --database_connection "$(db nova_cell0)"
    $NM cell_v2 list_cells | grep -q ' cell1 ' || $NM cell_v2 create_cell --name cell1
    $NM db sync ) > $B/log/db-nova.log 2>&1 & p3=$!
  ( placement-manage --config-file $B/etc/placement/placement.conf db sync
    $PY $B/root/usr/bin/glance-manage --config-file $B/etc/glance/glance-api.conf db_sync ) > $B/log/db-pg.log 2>&1 & p4=$!
  wait $p1; wait $p4; wait $p3; wait $p2; touch $B/run/db.done
fi
say "databases synced"

# ---------------------------------------------------------------- API services
# One JSON line per request, read by the tests; t: its start, in milliseconds since the epoch.
REQUEST_LINE='{"t":%(tmsecs),"ms":%(msecs),"method":"%(method)","uri":"%(uri)","status":%(status),"agent":"%(uagent)"}'
wsgi() { # name port procs
  start $1 env OS_KEYSTONE_CONFIG_DIR=$B/etc/keystone OS_NOVA_CONFIG_DIR=$B/etc/nova OS_PLACEMENT_CONFIG_DIR=$B/etc/placement OS_GLANCE_CONFIG_DIR=$B/etc/glance \
    /usr/bin/uwsgi_python3 --http-socket $IP:$2 --wsgi-file $HERE/wsgi/$1.py --master --processes $3 --threads 1 --enable-threads --lazy-apps --buffer-size 65535 --thunder-lock --die-on-term --no-orphans --add-header 'Connection: close' --listen 100 --pyargv "" \
    --plugin logfile --req-logger "file:$B/log/requests-$1.log" --log-format "$REQUEST_LINE"
}
wsgi keystone $KS 3
waitport $RMQP
wsgi placement $PLC 2
wsgi glance $GL 1
waithttp keystone http://$IP:$KS/v3
say "keystone up"
$PY $HERE/bin/setup.py identity
say "identity set up"
wsgi nova ${NOVA} ${NOVA_PROCS:-3}
start neutron $PY $B/root/usr/bin/neutron-server --config-file $B/etc/neutron/neutron.conf
start nova-conductor $PY $B/root/usr/bin/nova-conductor --config-file $B/etc/nova/nova.conf
start nova-scheduler $PY $B/root/usr/bin/nova-scheduler --config-file $B/etc/nova/nova.conf
waithttp glance http://$IP:$GL/v2/; waithttp placement http://$IP:$PLC/; waithttp neutron http://$IP:$NEU/v2.0/; waithttp nova http://$IP:$NOVA/v2.1/
say "APIs up"
$PY $HERE/bin/setup.py resources
say "resources set up"

# ---------------------------------------------------------------- fake computes
need=0; for n in $(seq $FIRST $N); do h=$(printf cmp%03d $n); { [ -s $B/run/computes/$h.pid ] && kill -0 "$(cat $B/run/computes/$h.pid)" 2>/dev/null; } || need=1; done
if [ $need = 1 ]; then
  start computes-$(date +%s%N) $PY $HERE/bin/computes.py $B/etc/nova/nova.conf $B/run/computes $B/log $FIRST $N ${STAGGER:-0.3}
fi
$PY $HERE/bin/setup.py computes $FIRST $N
if [ ! -s $B/run/hypervisors ] || [ "$N" -gt "$(cat $B/run/hypervisors)" ]; then echo $N > $B/run/hypervisors; fi
say "computes $FIRST to $N up"
