import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianProgram } from '../lab/tools/debianProgram.ts';
import { runInherited } from './command.ts';

const PICTURES = join(import.meta.dirname, '..', 'docs', 'images');

/** Makes the pictures of the Web UI in docs/images anew: those that its test makes, with fewer colours. */
async function main(): Promise<number> {
  process.env['INNERVISOR_WEB_UI_PICTURES'] = PICTURES;
  const code = await runInherited('vitest', ['run', '--project', 'integration', 'test/webui']);
  if (code !== 0) return code;
  const pngquant = await ensureDebianProgram(
    { name: 'pngquant', version: '2.17', libraries: ['libimagequant0', 'libpng16-16'] },
    console.error,
  );
  const pictures = (await readdir(PICTURES)).filter((name) => /^web-ui-.*\.png$/.test(name));
  const quiet = ['--force', '--skip-if-larger', '--strip', '--ext', '.png', '64'];
  return await runInherited(pngquant, [...quiet, ...pictures.map((name) => join(PICTURES, name))]);
}

process.exitCode = await main();
