#!/usr/bin/python3
"""Fills the lab: setup.py identity | resources | computes FIRST LAST (waits until these are up)."""
import json, os, subprocess, sys, time, urllib.request, urllib.error
B = os.environ.get('OSLAB_DIR', '/var/tmp/innervisor-openstack-lab'); IP = '127.0.0.1'; PW = 'lab-secret'
KS = f'http://{IP}:15000/v3'; NOVA = f'http://{IP}:18774/v2.1'; PLC = f'http://{IP}:18778'; GL = f'http://{IP}:19292'; NEU = f'http://{IP}:19696'
def req(m, url, body=None, tok=None, ok=(200, 201, 202, 204, 409), h=None, raw=None):
    d = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
    r = urllib.request.Request(url, data=d, method=m, headers={'Content-Type': 'application/json', 'Accept': 'application/json', **({'X-Auth-Token': tok} if tok else {}), **(h or {})})
    try:
        with urllib.request.urlopen(r, timeout=120) as f: s, b, hd = f.status, f.read(), f.headers
    except urllib.error.HTTPError as e: s, b, hd = e.code, e.read(), e.headers
    if s not in ok: raise SystemExit(f'{m} {url} -> {s} {b[:800]}')
    try: j = json.loads(b) if b else {}
    except ValueError: j = {'raw': b.decode(errors='replace')}
    return s, j, hd
def token(user, project, pw=PW):
    s, j, h = req('POST', KS + '/auth/tokens', {'auth': {'identity': {'methods': ['password'], 'password': {'user': {'name': user, 'domain': {'id': 'default'}, 'password': pw}}}, 'scope': {'project': {'name': project, 'domain': {'id': 'default'}}}}})
    return h['X-Subject-Token'], j
def identity():
    t, _ = token('admin', 'admin')
    G = lambda p: req('GET', KS + p, tok=t)[1]
    def ens(kind, name, extra=None, q=''):
        k = kind[:-1]
        L = [x for x in G(f'/{kind}?name={name}')[kind]]
        if L: return L[0]['id']
        return req('POST', f'{KS}/{kind}', {k: {'name': name, **(extra or {})}}, t)[1][k]['id']
    roles = {r['name']: r['id'] for r in G('/roles')['roles']}
    if 'service' not in roles: roles['service'] = ens('roles', 'service')
    svc = ens('projects', 'service', {'domain_id': 'default'})
    probes = ens('projects', 'probes', {'domain_id': 'default', 'description': 'probe VMs'})
    tenant = ens('projects', 'tenant', {'domain_id': 'default'})
    def user(n, proj, rs):
        u = ens('users', n, {'domain_id': 'default', 'password': PW, 'default_project_id': proj})
        for r in rs: req('PUT', f'{KS}/projects/{proj}/users/{u}/roles/{roles[r]}', tok=t)
        return u
    for n in ('nova', 'neutron', 'glance', 'placement'): user(n, svc, ['admin', 'service'])
    pu = user('prober', probes, ['admin', 'member', 'reader'])
    user('plain', tenant, ['member', 'reader'])
    user('viewer', probes, ['reader'])
    eps = G('/endpoints')['endpoints']
    for typ, name, url in (('compute', 'nova', NOVA), ('placement', 'placement', PLC), ('image', 'glance', GL), ('network', 'neutron', NEU)):
        sv = [s for s in G(f'/services?type={typ}')['services']]
        sid = sv[0]['id'] if sv else req('POST', KS + '/services', {'service': {'type': typ, 'name': name, 'enabled': True}}, t)[1]['service']['id']
        for i in ('public', 'internal', 'admin'):
            if not [e for e in eps if e['service_id'] == sid and e['interface'] == i]:
                req('POST', KS + '/endpoints', {'endpoint': {'service_id': sid, 'interface': i, 'region_id': 'RegionOne', 'url': url}}, t)
    # application credential of the prober (admin + member + reader on project probes)
    if not os.path.exists(B + '/clouds.yaml'):
        pt, pj = token('prober', 'probes')
        uid = pj['token']['user']['id']
        for ac in req('GET', f'{KS}/users/{uid}/application_credentials', tok=pt)[1].get('application_credentials', []):
            if ac['name'] == 'prober-lab': req('DELETE', f'{KS}/users/{uid}/application_credentials/{ac["id"]}', tok=pt)
        s, j, _ = req('POST', f'{KS}/users/{uid}/application_credentials', {'application_credential': {'name': 'prober-lab', 'secret': 'prober-app-secret'}}, pt)
        ac = j['application_credential']
        pwd = lambda u, p: f"""    auth:
      auth_url: {KS}
      username: {u}
      password: {PW}
      project_name: {p}
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    identity_api_version: 3
"""
        open(B + '/clouds.yaml', 'w').write('clouds:\n  admin:\n' + pwd('admin', 'admin') + '  prober-pw:\n' + pwd('prober', 'probes') + '  plain:\n' + pwd('plain', 'tenant') + '  viewer:\n' + pwd('viewer', 'probes') + f"""  prober:
    auth_type: v3applicationcredential
    auth:
      auth_url: {KS}
      application_credential_id: {ac['id']}
      application_credential_secret: prober-app-secret
    region_name: RegionOne
    identity_api_version: 3
""")
def resources():
    t, _ = token('admin', 'admin'); pt, pj = token('prober', 'probes')
    G = lambda u, tk=t: req('GET', u, tok=tk)[1]
    fl = {f['name'] for f in G(NOVA + '/flavors?is_public=None')['flavors']}
    for n, v, m, d, i in (('m1.tiny', 1, 512, 1, '1'), ('probe', 1, 256, 1, 'probe'), ('m1.small', 1, 2048, 20, '2'), ('m1.huge', 128, 1048576, 20, '9')):
        if n not in fl: req('POST', NOVA + '/flavors', {'flavor': {'name': n, 'vcpus': v, 'ram': m, 'disk': d, 'id': i, 'os-flavor-access:is_public': True}}, t)
    if not G(GL + '/v2/images?name=probe-image')['images']:
        im = req('POST', GL + '/v2/images', {'name': 'probe-image', 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public', 'min_disk': 0, 'os_distro': 'cirros', 'hw_disk_bus': 'virtio'}, t)[1]
        req('PUT', f'{GL}/v2/images/{im["id"]}/file', tok=t, raw=b'tiny fake image' * 64, h={'Content-Type': 'application/octet-stream'})
    nets = G(NEU + '/v2.0/networks?name=probe-net', pt)['networks']
    nid = nets[0]['id'] if nets else req('POST', NEU + '/v2.0/networks', {'network': {'name': 'probe-net'}}, pt)[1]['network']['id']
    if not G(f'{NEU}/v2.0/subnets?network_id={nid}', pt)['subnets']:
        req('POST', NEU + '/v2.0/subnets', {'subnet': {'name': 'probe-subnet', 'network_id': nid, 'ip_version': 4, 'cidr': '10.77.0.0/16', 'gateway_ip': '10.77.0.1', 'enable_dhcp': False}}, pt)
def computes(first, last):
    t, _ = token('admin', 'admin'); t0 = time.time(); disc = 0
    want = {'cmp%03d' % i for i in range(int(first), int(last) + 1)}; n = len(want)
    while time.time() - t0 < 900:
        sv = req('GET', NOVA + '/os-services?binary=nova-compute', tok=t, h={'X-OpenStack-Nova-API-Version': '2.53'})[1]['services']
        up = {s['host'] for s in sv if s['state'] == 'up'}
        s, j, _ = req('GET', NOVA + '/os-hypervisors/detail', tok=t, h={'X-OpenStack-Nova-API-Version': '2.53'}, ok=(200, 404, 500))
        hv = {h['service']['host'] for h in j.get('hypervisors', [])}
        if time.time() - disc > 10 and (want - hv) and (want & up or not hv):
            subprocess.run(['/usr/bin/python3', B + '/root/usr/bin/nova-manage', '--config-file', B + '/etc/nova/nova.conf', 'cell_v2', 'discover_hosts'], stdout=open(B + '/log/discover.log', 'a'), stderr=subprocess.STDOUT); disc = time.time()
        print(f'  +{time.time()-t0:.1f}s services up {len(want & up)}/{n}, hypervisors {len(want & hv)}/{n}', flush=True)
        if want <= up and want <= hv: return
        time.sleep(2)
    raise SystemExit('computes did not come up: ' + ','.join(sorted(want - hv)))
globals()[sys.argv[1]](*sys.argv[2:])
