import { fileURLToPath } from 'node:url';
import type { Environment } from '../src/config/environment.ts';
import { ConfigReferenceError } from '../src/config/error.ts';
import type { WorkerPlugin } from '@temporalio/worker';

/** Traces of passes and steps, while somebody takes them. */
export interface Tracing extends AsyncDisposable {
  readonly plugin: WorkerPlugin;
}

/** What traces inside of workflow code; it changes nothing that a history is compared with. */
export const TRACING_MODULES: readonly string[] = [
  fileURLToPath(import.meta.resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors')),
];

/**
 * Whether the environment names somebody who takes traces over OTLP/HTTP.
 * @throws ConfigReferenceError where it asks for gRPC, whose port doesn't understand HTTP.
 */
export function wantsTraces(environment: Environment): boolean {
  const isOff =
    environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' ||
    environment['OTEL_TRACES_EXPORTER'] === 'none';
  const endpoint =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || isOff) return false;
  const key =
    environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] === undefined
      ? 'OTEL_EXPORTER_OTLP_PROTOCOL'
      : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  if (environment[key] !== 'grpc') return true;
  const message =
    `${key} is grpc, and a worker sends its traces over HTTP: ` +
    "set it to http/json, and the endpoint to the collector's one for HTTP (port 4318 by default)";
  throw new ConfigReferenceError(message);
}

/**
 * Loads OpenTelemetry where the environment asks for it, and not a line of it elsewhere. The exporter reads the rest
 * of `OTEL_EXPORTER_OTLP_*` itself.
 * @throws ConfigReferenceError as {@link wantsTraces} does.
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export async function loadTracing(environment: Environment): Promise<Tracing | undefined> {
  if (!wantsTraces(environment)) return undefined;
  const [
    { OpenTelemetryPlugin },
    { OTLPTraceExporter },
    { NodeTracerProvider, BatchSpanProcessor },
    resources,
  ] = await Promise.all([
    import('@temporalio/interceptors-opentelemetry'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
  ]);
  const own = new resources.Resource({ 'service.name': 'innervisor-worker' });
  const resource = own.merge(resources.detectResourcesSync({ detectors: [resources.envDetectorSync] }));
  const spanProcessor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] });
  // With its ways to read from a step's headers which pass it belongs to, and to hand that on.
  provider.register();
  const tracer = provider.getTracer('innervisor');
  return {
    plugin: new OpenTelemetryPlugin({ resource, spanProcessor, tracer }),
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}
