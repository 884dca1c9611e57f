import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HypervisorFailure } from '../../src/domain/failure.ts';
import { openStage, type Stage } from './support/stage.ts';
import { artifact, planning } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

test('silent probes are rebooted before anything is made, and verified with the others', async () => {
  await stage.play(planning({ reboot: 1, create: 1, keep: 2 }), async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();

    expect(report).toMatchObject({ outcome: 'converged', rebooted: 1, created: 1 });
    const order = ['planChanges', 'rebootProbes', 'createProbes', 'verifyProbes', 'writeReport'];
    expect(scene.steps().filter((step) => order.includes(step))).toEqual(order);
    const input = { plan: artifact('plan') };
    expect(scene.calls.find(({ name }) => name === 'rebootProbes')).toMatchObject({ input });
  });
});

test('a reboot that is refused stops nobody else and is told', async () => {
  const failure: HypervisorFailure = {
    hypervisor: 'h',
    probeId: '0000000a',
    step: 'reboot',
    kind: 'conflict',
    message: 'busy',
  };
  const rebootProbes = () => Promise.resolve({ rebooted: 0, failures: [failure] });
  await stage.play({ ...planning({ reboot: 1 }), rebootProbes }, async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();
    expect(report).toMatchObject({ outcome: 'degraded', rebooted: 0, failures: [failure] });
  });
});

test('a plan without reboots, also one of an older worker, reboots nothing', async () => {
  await stage.play(planning({ keep: 3 }), async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();
    expect(report).toMatchObject({ outcome: 'converged', rebooted: 0 });
    expect(scene.steps()).not.toContain('rebootProbes');
  });
});
