import { z } from 'zod';

/** Where a silence stands in its life. */
export const SILENCE_STATES = ['active', 'pending', 'expired'] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

const matcherSchema = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});

/** One condition of a silence on a label; those of one silence are ANDed. */
export type Matcher = Readonly<z.infer<typeof matcherSchema>>;

/** A silence as Alertmanager has it; times are RFC 3339. */
export interface Silence {
  readonly id: string;
  readonly state: SilenceState;
  readonly matchers: readonly Matcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly updatedAt: string;
}

const silenceSchema = z
  .object({
    id: z.string().min(1),
    status: z.object({ state: z.enum(SILENCE_STATES) }),
    matchers: z.array(matcherSchema),
    startsAt: z.iso.datetime({ offset: true }),
    endsAt: z.iso.datetime({ offset: true }),
    createdBy: z.string(),
    comment: z.string(),
    updatedAt: z.iso.datetime({ offset: true }),
  })
  .transform(({ status, ...rest }): Silence => ({ ...rest, state: status.state }));

/** `GET /silence/{id}` */
export const silenceReplySchema = silenceSchema;

/** `GET /silences` */
export const silencesReplySchema = z.array(silenceSchema);

/** `POST /silences` */
export const silenceIdReplySchema = z.object({ silenceID: z.string().min(1) });

/** An alert as Alertmanager has it; `silencedBy` holds ids of silences. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'unprocessed' | 'active' | 'suppressed';
  readonly startsAt: string;
  readonly silencedBy: readonly string[];
}

/** `GET /alerts` */
export const alertsReplySchema = z.array(
  z
    .object({
      labels: z.record(z.string(), z.string()),
      startsAt: z.iso.datetime({ offset: true }),
      status: z.object({
        state: z.enum(['unprocessed', 'active', 'suppressed']),
        silencedBy: z.array(z.string()),
      }),
    })
    .transform(({ status, ...rest }): Alert => ({ ...rest, ...status })),
);

/** What a member says of itself and its cluster. */
export interface AlertmanagerStatus {
  readonly version: string;
  readonly cluster: 'ready' | 'settling' | 'disabled';
  readonly peers: number;
}

/** `GET /status` */
export const statusReplySchema = z
  .object({
    versionInfo: z.object({ version: z.string() }),
    cluster: z.object({
      status: z.enum(['ready', 'settling', 'disabled']),
      peers: z.array(z.unknown()).nullish(),
    }),
  })
  .transform(({ versionInfo, cluster }): AlertmanagerStatus => ({
    version: versionInfo.version,
    cluster: cluster.status,
    peers: cluster.peers?.length ?? 0,
  }));
