/** The real servers for tests; they live in the lab because its scripts start the same ones. */
export * from '../../../lab/servers/index.ts';
