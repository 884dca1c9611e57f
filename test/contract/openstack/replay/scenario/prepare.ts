import { z } from 'zod';
import type { Replayer } from '../replayer.ts';
import { listRecordings, readRecording } from '../../recordings.ts';

const hypervisors = z.object({
  hypervisors: z.array(
    z.object({
      id: z.string(),
      hypervisor_hostname: z.string(),
      service: z.object({ id: z.string(), host: z.string() }),
    }),
  ),
});
type Hypervisor = z.infer<typeof hypervisors>['hypervisors'][number];

/** Finds out what stands in this cloud for the recorded secrets, hypervisors and services. */
export async function prepare(replayer: Replayer): Promise<void> {
  const { cloud, names, logins } = replayer;
  names.bind(recordedCredentialId(), logins.applicationCredential.id);
  const answer = await replayer.call('GET', `${cloud.origins.compute}/v2.1/os-hypervisors/detail`);
  const byHost = new Map(
    hypervisors.parse(answer.body).hypervisors.map((hypervisor) => [hypervisor.service.host, hypervisor]),
  );
  for (const recorded of recordedHypervisors()) {
    const actual = byHost.get(names.host(recorded.service.host));
    if (actual === undefined) throw new Error(`no hypervisor on ${names.host(recorded.service.host)}`);
    names.bind(recorded.id, actual.id);
    names.bind(recorded.service.id, actual.service.id);
  }
}

function recordedCredentialId(): string {
  const { body } = readRecording('token-application-credential').request;
  const shape = z.object({
    auth: z.object({ identity: z.object({ application_credential: z.object({ id: z.string() }) }) }),
  });
  return shape.parse(body).auth.identity.application_credential.id;
}

function recordedHypervisors(): readonly Hypervisor[] {
  return listRecordings()
    .filter((name) => name.startsWith('os-hypervisors-'))
    .flatMap((name) => hypervisors.safeParse(readRecording(name).response.body).data?.hypervisors ?? []);
}
