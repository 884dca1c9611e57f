const CLIENTS = 'openstack|alertmanager|prometheus|objectstore|sftp';
const TYPE_ONLY = 'type-only';

/** A folder of src may import what `allowed` matches and nothing else. */
function only(folder, allowed, comment, more = {}) {
  return {
    name: `${folder.replaceAll('/', '-')}-imports${'dependencyTypesNot' in more ? '-as-values' : ''}`,
    severity: 'error',
    comment,
    from: { path: `^${folder}/` },
    to: { pathNot: allowed, ...more },
  };
}

/** An npm package as it stands in the resolved path. */
function npm(names) {
  return `^node_modules/(${names})(/|$)`;
}

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Dependencies point one way; a circle of types alone is harmless at run time.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: [TYPE_ONLY] } },
    },
    only('src/domain', ['^src/domain/'], 'Nouns and rules know nothing but each other: no I/O, no library.'),
    only('src/planner', ['^src/(planner|domain)/'], 'The planner is a pure function over the domain.'),
    only(
      'src/workflows',
      ['^src/(workflows|domain)/', npm('@temporalio/(workflow|common)')],
      'Workflow code is deterministic: no client, zod, Node or planner. Activities and types come in as types only.',
      { dependencyTypesNot: [TYPE_ONLY] },
    ),
    only(
      'src/workflows',
      ['^src/(workflows|domain|activities|planner)/', npm('@temporalio/(workflow|common)')],
      'Even as a type, workflow code names only the domain, the plan and the activities.',
    ),
    {
      name: 'activities-imports',
      severity: 'error',
      comment: 'Activities translate between wire and domain; HTTP and S3 belong to the clients.',
      from: { path: '^src/activities/' },
      to: {
        pathNot: [
          `^src/(activities|domain|planner|telemetry|${CLIENTS})/`,
          npm('@temporalio/(activity|common)|zod|yaml|safe-stable-stringify'),
        ],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'clients-know-only-themselves',
      severity: 'error',
      comment:
        'A client knows its own folder, src/http and its library: no domain, no config, no other client.',
      from: { path: `^src/(${CLIENTS})/` },
      to: { path: '^(src|worker|lab|test|scripts)/', pathNot: '^src/($1|http)/' },
    },
    only(
      'src/http',
      ['^src/http/', npm('got|zod')],
      'What clients share knows HTTP and nothing of whom it speaks to.',
    ),
    {
      name: 'clients-without-temporal',
      severity: 'error',
      comment: 'Retries over a restart are the business of workflows, not of clients.',
      from: { path: `^src/(${CLIENTS})/` },
      to: { path: npm('@temporalio') },
    },
    only(
      'src/telemetry',
      [
        '^src/(telemetry|domain)/',
        npm('@temporalio/worker|prom-client|zod|safe-stable-stringify'),
        '^(node:)?util$',
      ],
      'Logs and metrics are told what happened; they ask nobody.',
    ),
    {
      name: 'cli-imports',
      severity: 'error',
      comment:
        "The command line speaks to workflows by their contract, never to activities' insides, and reads what is published.",
      from: { path: '^src/cli/' },
      to: {
        path: '^src/',
        pathNot: '^src/((cli|domain|planner|config|prometheus|objectstore)/|workflows/contract\\.ts$)',
      },
    },
    only(
      'monitoring',
      ['^monitoring/', npm('yaml|zod|@grafana/grafana-foundation-sdk'), '^(node:)?(fs|path)'],
      'Rules and dashboards are a function of settings, and know the product by its metrics alone.',
    ),
    {
      name: 'nobody-imports-worker',
      severity: 'error',
      comment: 'The worker is the composition root; the command that runs one is its only way in.',
      from: { pathNot: '^((worker|lab|test|bench)/|src/cli/actions/worker\\.ts$)' },
      to: { path: '^worker/' },
    },
    {
      name: 'product-without-lab',
      severity: 'error',
      comment: 'What is shipped does not depend on the lab, the tests or the scripts.',
      from: { path: '^(src|worker)/' },
      to: { path: '^(lab|test|bench|scripts)/' },
    },
    {
      name: 'simulator-imports-nothing-of-src',
      severity: 'error',
      comment: 'A misreading that simulator and client share would pass every test.',
      from: { path: '^lab/openstack-sim/' },
      to: { path: '^(src|worker)/' },
    },
    {
      name: 'guests-import-nothing-of-src',
      severity: 'error',
      comment: 'The same for the guests, which know the product by its documents alone.',
      from: { path: '^lab/guests/' },
      to: { path: '^(src|worker|lab/openstack-sim)/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere is a mistake.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules/.*/node_modules|dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
