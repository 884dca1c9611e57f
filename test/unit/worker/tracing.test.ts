import { expect, test } from 'vitest';
import { ConfigReferenceError } from '../../../src/config/error.ts';
import { wantsTraces } from '../../../worker/tracing.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };

test.each([
  ['nothing is said', {}, false],
  ['an endpoint is named', ENDPOINT, true],
  ['one for traces alone is named', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318' }, true],
  ['OpenTelemetry is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, false],
  ['nobody exports traces', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
  [
    'gRPC is for all but the traces',
    { ...ENDPOINT, ...GRPC, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
    true,
  ],
  ['there would be gRPC, but no endpoint', GRPC, false],
  ['there would be gRPC, but it is disabled', { ...ENDPOINT, ...GRPC, OTEL_SDK_DISABLED: 'true' }, false],
])('where %s (%o) traces are wanted: %s', (_, environment, wanted) => {
  expect(wantsTraces(environment)).toBe(wanted);
});

test.each(['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'])(
  '%s=grpc is refused, and says what to set instead',
  (key) => {
    const ask = (): boolean => wantsTraces({ ...ENDPOINT, [key]: 'grpc' });

    expect(ask).toThrow(ConfigReferenceError);
    expect(ask).toThrow(`${key} is grpc, and a worker sends its traces over HTTP: set it to http/json`);
  },
);
