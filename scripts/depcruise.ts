import { existsSync } from 'node:fs';

import { runInherited } from './command.ts';

// dependency-cruiser ends with an error for a folder that is not there.
const folders = ['src', 'worker', 'lab', 'guest', 'bench', 'monitoring', 'test', 'scripts'].filter((folder) =>
  existsSync(folder),
);

process.exitCode = await runInherited('depcruise', ['--config', '.dependency-cruiser.cjs', ...folders]);
