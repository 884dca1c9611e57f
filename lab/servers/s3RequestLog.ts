/** One answered request to the S3 server. */
export interface S3Request {
  readonly method: string;
  /** Decoded, without its query: `/bucket/key`. */
  readonly path: string;
  readonly status: number;
}

/** `15:04:05 | vgw | STATUS | LATENCY | ADDRESS | METHOD | PATH | ERROR | QUERY`, with the path decoded. */
const LINE =
  /^[\d:]+ \| vgw \| (?<status>\d{3}) \|[^|]*\|[^|]*\| (?<method>[A-Z]+) \| (?<path>\/.*) \|[^|]*\|[^|]*$/u;

/** Reads the requests from what versitygw wrote; other lines, its banner for one, are passed over. */
export function parseRequestLog(log: string): S3Request[] {
  return log.split('\n').flatMap((line) => {
    const { status, method, path } = LINE.exec(line)?.groups ?? {};
    if (status === undefined || method === undefined || path === undefined) return [];
    return [{ method, path, status: Number(status) }];
  });
}
