import { describe, expect, test } from 'vitest';
import { answerDifferences, type Answer } from './answerDifferences.ts';
import { RECORDED_ORIGINS } from './cloudUnderTest.ts';
import { createNormalText } from './normalText.ts';
import { readRecording } from '../recordings.ts';

const normalText = createNormalText({ origins: RECORDED_ORIGINS, hosts: ['node-7'] });

/** What is found when the answer to a recording is changed so. */
function differences(name: string, change: (answer: Answer & { body: string }) => Partial<Answer>): string {
  const { response } = readRecording(name);
  const { status, headers, body } = response;
  const answer = { status, headers: new Headers(headers), body: JSON.stringify(body) };
  const changed = { ...answer, ...change(answer) };
  const parsed = { ...changed, body: JSON.parse(changed.body as string) as unknown };
  return answerDifferences(response, parsed, { normalText, exempt: [] }).join('\n');
}

function replaced(from: string, to: string) {
  return ({ body }: { readonly body: string }): { readonly body: string } => ({
    body: body.replaceAll(from, to),
  });
}

describe('the comparison of an answer with a recorded one', () => {
  test('finds nothing in the recorded answer itself, nor in one with other ids, hosts, addresses and times', () => {
    expect(differences('server-show-ACTIVE', () => ({}))).toBe('');
    const others = '967e4a42-f8af-48d5-a088-27ff4190ba19';
    expect(differences('server-show-ACTIVE', replaced('967e4a42-f8af-48d5-a088-27ff4190ba18', others))).toBe(
      '',
    );
    expect(differences('server-show-ACTIVE', replaced('cmp002', 'node-7'))).toBe('');
    expect(differences('server-show-ACTIVE', replaced('10.77.1.220', '10.77.9.9'))).toBe('');
    expect(differences('server-show-ACTIVE', replaced('2026-11-23T23:19', '2027-01-01T01:01'))).toBe('');
  });

  test('finds another status and another header', () => {
    expect(differences('server-show-ACTIVE', () => ({ status: 203 }))).toBe('status: 200 expected, got 203');
    const headers = new Headers({ 'content-type': 'text/plain' });
    expect(differences('server-show-404', () => ({ headers }))).toContain(
      'header content-type: application/json; charset=utf-8 expected, got text/plain',
    );
  });

  test.each([
    [
      'a state',
      'server-show-ACTIVE',
      '"active"',
      '"building"',
      'vm_state: "active" expected, got "building"',
    ],
    [
      'a type',
      'server-show-ACTIVE',
      '"locked":false',
      '"locked":"no"',
      'locked: boolean expected, got string',
    ],
    ['a missing key', 'server-show-ACTIVE', '"host_status":"UP",', '', 'server.host_status: missing'],
    [
      'a key too many',
      'server-show-ACTIVE',
      '"locked":',
      '"x":1,"locked":',
      'server.x: not in the recording',
    ],
    ['the wrapper', 'server-show-404', 'itemNotFound', 'notFound', 'itemNotFound: missing'],
    ['the text of an error', 'server-show-404', 'could not be', 'cannot be', 'itemNotFound.message: '],
    ['the form of a time', 'server-show-ACTIVE', '23:19:36Z', '23:19:36.000000', 'server.updated: '],
    ['a link', 'server-show-ACTIVE', '18774/images', '18774/v2.1/images', 'server.image.links[].href: '],
  ])('finds %s that differs', (_, name, from, to, found) => {
    expect(differences(name, replaced(from, to))).toContain(found);
  });

  test('finds an element of a list that differs from what all recorded ones have in common', () => {
    expect(
      differences('os-services-compute', replaced('"forced_down":false}]', '"forced_down":true}]')),
    ).toBe('services[].forced_down: false expected, got true');
  });

  test('finds a list that is empty though it should not be', () => {
    expect(differences('os-services-compute', () => ({ body: '{"services":[]}' }))).toContain(
      'services: empty',
    );
  });
});
