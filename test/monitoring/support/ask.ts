import { substitute, type Question } from './dashboardQueries.ts';

/** Values of a dashboard's variables, and of those that Grafana makes. */
export type Values = Readonly<Record<string, string>>;

/** One series of an answer; `value` at one moment, `values` over time. */
export interface AnswerSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly values?: readonly (readonly [time: number, value: string])[];
}

/** How far back a question about a time looks. */
const RANGE_SECONDS = 60;

/**
 * Asks Prometheus' API.
 * @throws Error with what it doesn't like about the question.
 */
export async function askPrometheus(url: string, path: string, parameters: Values): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
  const answer = (await response.json()) as { status: string; error?: string; data: unknown };
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${JSON.stringify(parameters)}`);
  return answer.data;
}

/** What Prometheus says to a question of a dashboard, as Grafana asks it. */
export async function answerTo(
  url: string,
  { expr, isRange }: Pick<Question, 'expr' | 'isRange'>,
  values: Values,
): Promise<readonly AnswerSeries[]> {
  const query = substitute(expr, values);
  const now = Date.now() / 1000;
  const data = isRange
    ? await askPrometheus(url, 'query_range', {
        query,
        start: String(now - RANGE_SECONDS),
        end: String(now),
        step: '15',
      })
    : await askPrometheus(url, 'query', { query });
  return (data as { result: readonly AnswerSeries[] }).result;
}

/** The places of the questions to which there is no number. */
export async function findEmpty(
  url: string,
  questions: readonly Question[],
  values: Values,
): Promise<readonly string[]> {
  const empty: string[] = [];
  for (const question of questions) {
    const series = await answerTo(url, question, values);
    const numbers = series.flatMap(({ value, values: many = [] }) => [
      ...(value === undefined ? [] : [value]),
      ...many,
    ]);
    if (!numbers.some(([, number]) => Number.isFinite(Number(number)))) empty.push(question.place);
  }
  return empty;
}
