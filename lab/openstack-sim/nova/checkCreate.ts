import { NotModelled } from '../http/call.ts';
import { novaError, toPython } from './errors.ts';

/** What the body may hold, by the minor version that brought it. */
const SINCE: Readonly<Record<string, number>> = {
  name: 1,
  flavorRef: 1,
  imageRef: 1,
  networks: 1,
  availability_zone: 1,
  user_data: 1,
  metadata: 1,
  config_drive: 1,
  key_name: 1,
  security_groups: 1,
  description: 19,
  tags: 52,
  host: 74,
  hypervisor_hostname: 74,
};
/** Nova knows them too, the simulator doesn't. */
const NOT_MODELLED: Readonly<Record<string, number>> = {
  accessIPv4: 1,
  accessIPv6: 1,
  adminPass: 1,
  block_device_mapping: 1,
  block_device_mapping_v2: 1,
  max_count: 1,
  min_count: 1,
  'OS-DCF:diskConfig': 1,
  personality: 1,
  return_reservation_id: 1,
  trusted_image_certificates: 63,
  hostname: 90,
};
const USER_DATA_CHARACTERS_MAX = 65_535;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws Refusal as Nova's schema refuses, NotModelled for what the simulator doesn't know. */
export function checkCreate(server: Readonly<Record<string, unknown>>, minor: number): void {
  const invalid = (why: string): Error =>
    novaError(400, `Invalid input for field/attribute server. Value: ${toPython(server)}. ${why}`);
  for (const required of ['name', 'flavorRef', ...(minor >= 37 ? ['networks'] : [])]) {
    if (server[required] === undefined) throw invalid(`'${required}' is a required property`);
  }
  for (const name of Object.keys(server)) {
    const since = SINCE[name] ?? NOT_MODELLED[name] ?? Infinity;
    if (since > minor) throw invalid(`Additional properties are not allowed ('${name}' was unexpected)`);
    if (name in NOT_MODELLED) throw new NotModelled(`server attribute ${name}`);
  }
  if (server['imageRef'] === undefined) throw new NotModelled('a server without an image');
  checkUserData(server['user_data']);
  checkTags(server['tags']);
  checkMetadata(server['metadata']);
}

function checkUserData(data: unknown): void {
  if (data === undefined || data === null) return;
  const text = typeof data === 'string' ? data : '';
  const invalid = (why: string): Error =>
    novaError(400, `Invalid input for field/attribute user_data. Value: ${text}. ${toPython(text)} ${why}`);
  if (typeof data !== 'string' || !BASE64.test(text.replaceAll('\n', ''))) throw invalid("is not a 'base64'");
  if (text.length > USER_DATA_CHARACTERS_MAX) throw invalid('is too long');
}

/** @throws Refusal for a tag that Nova refuses. */
export function checkTags(tags: unknown): void {
  if (tags === undefined) return;
  if (!Array.isArray(tags)) {
    throw novaError(
      400,
      `Invalid input for field/attribute tags. Value: ${toPython(tags)}. ${toPython(tags)} is not of type 'array'`,
    );
  }
  for (const [index, tag] of tags.entries()) {
    const text = String(tag);
    const where = `Invalid input for field/attribute ${index}. Value: ${text}. ${toPython(text)}`;
    if (/[,/]/.test(text)) throw novaError(400, `${where} does not match '^[^,/]*$'`);
    if (text.length > 60) throw novaError(400, `${where} is too long`);
  }
  if (tags.length > 50) {
    throw novaError(
      400,
      `Invalid input for field/attribute tags. Value: ${toPython(tags)}. ${toPython(tags)} is too long`,
    );
  }
}

/** @throws Refusal for metadata that Nova refuses. */
export function checkMetadata(metadata: unknown): void {
  if (metadata === undefined) return;
  for (const [key, value] of Object.entries(metadata as Record<string, unknown>)) {
    if (typeof value !== 'string') {
      const text = toPython(value);
      throw novaError(
        400,
        `Invalid input for field/attribute ${key}. Value: ${text}. ${text} is not of type 'string'`,
      );
    }
    if (value.length > 255) {
      throw novaError(
        400,
        `Invalid input for field/attribute ${key}. Value: ${value}. ${toPython(value)} is too long`,
      );
    }
  }
}
