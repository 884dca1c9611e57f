/** How a run of the agent can fail, as the real one names it in `innervisor_agent_last_result`. */
export type PullFailure =
  | 'unreachable'
  | 'missing'
  | 'http_error'
  | 'too_large'
  | 'empty'
  | 'malformed'
  | 'bad_signature'
  | 'wrong_schema'
  | 'foreign'
  | 'older'
  | 'bad_peers';

/** Says why a pull brought no document that may be used. */
export class PullRefused extends Error {
  override readonly name = 'PullRefused';
  readonly result: PullFailure;

  constructor(result: PullFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.result = result;
  }
}
