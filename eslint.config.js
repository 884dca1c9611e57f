import js from '@eslint/js';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const noEnvironment = [
  "MemberExpression[object.name='process'][property.name='env']",
  "MemberExpression[object.name='process'][property.value='env']",
  "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
  'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name=/^env$/]',
].map((selector) => ({ selector, message: 'Only src/config reads the environment.' }));
const noClockNorChance = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'The time is an argument here.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The time is an argument here.',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'The time is an argument here.' },
  {
    selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']",
    message: 'The time is an argument here.',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'The same input must give the same result.',
  },
  {
    selector: "CallExpression[callee.object.name='crypto'][callee.property.name=/^random/]",
    message: 'The same input must give the same result.',
  },
  { selector: ':function[async=true]', message: 'Domain and planner are synchronous.' },
];
const builtins = builtinModules.filter((name) => !name.startsWith('_') && !name.startsWith('node:'));

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/', 'test/fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: [] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // vitest types its asymmetric matchers (`expect.any`, `expect.objectContaining`) as `any`.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable' } },
  },
  {
    files: ['src/**/*.ts', 'worker/**/*.ts'],
    ignores: ['src/config/**', 'src/domain/**', 'src/planner/**'],
    rules: { 'no-restricted-syntax': ['error', ...noEnvironment] },
  },
  {
    files: ['src/domain/**/*.ts', 'src/planner/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noEnvironment, ...noClockNorChance] },
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtins.map((name) => ({
            name,
            message: 'Workflow code is deterministic and has no Node.',
          })),
          patterns: [{ group: ['node:*'], message: 'Workflow code is deterministic and has no Node.' }],
        },
      ],
    },
  },
);
