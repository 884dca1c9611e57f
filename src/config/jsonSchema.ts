import { z } from 'zod';

import { configSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The JSON Schema of what {@link configSchema} takes: a file whose `defaults` were merged into its regions.
 * Every key has a description, and either a default, a place in `required` or the right to be left out.
 */
export function describeMergedConfig(): JsonSchema {
  // Draft 7 is what editors understand best.
  return requireSections(z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }));
}

/**
 * The JSON Schema of `innervisor.yaml` as it is written, for editors. A region needs no key there, since
 * `defaults` may hold it; what is missing from both is found by `innervisor config check`.
 */
export function describeConfigFile(): JsonSchema {
  const { $schema, properties, ...merged } = describeMergedConfig();
  const { installation, regions, ...others } = properties ?? {};
  if (!isSchema(installation) || !isSchema(regions) || !isSchema(regions.additionalProperties)) {
    throw new Error('the configuration has no installation or regions any more');
  }
  // A bare `name:`, which YAML reads as null, is a region that takes all from `defaults`.
  const region = { anyOf: [{ $ref: '#/definitions/region' }, { type: 'null' as const }] };
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: 'innervisor.yaml',
    ...merged,
    properties: {
      installation,
      defaults: { description: "Any key of a region; a region's own go before these.", ...region },
      regions: { ...regions, additionalProperties: region },
      ...others,
    },
    definitions: {
      region: {
        ...withoutRequired(regions.additionalProperties),
        description:
          'A region, or the defaults of all. No key is required here, since `defaults` may hold it; ' +
          '`innervisor config check` finds what is in neither.',
      },
    },
  };
}

/** A section that may be left out, but whose keys may not, is required; an empty default of it says nothing. */
function requireSections(schema: JsonSchema): JsonSchema {
  const inner = mapSubschemas(schema, requireSections);
  if (inner.properties === undefined) return inner;
  const entries = Object.entries(inner.properties);
  const sections = entries.filter(
    ([, value]) => isSchema(value) && value.properties !== undefined && value.default !== undefined,
  );
  const needed = sections.filter(([, value]) => isSchema(value) && value.required !== undefined);
  const required = new Set([...(inner.required ?? []), ...needed.map(([key]) => key)]);
  return {
    ...inner,
    properties: Object.fromEntries([
      ...entries,
      ...sections.map(([key, value]) => {
        const section = { ...(value as JsonSchema) };
        delete section.default;
        return [key, section] as const;
      }),
    ]),
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}

function withoutRequired(schema: JsonSchema): JsonSchema {
  const { required: _, ...rest } = mapSubschemas(schema, withoutRequired);
  return rest;
}

function mapSubschemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, inner]) => [key, isSchema(inner) ? change(inner) : inner]),
          ),
        }),
    ...(isSchema(additionalProperties) ? { additionalProperties: change(additionalProperties) } : {}),
    ...(anyOf === undefined
      ? {}
      : { anyOf: anyOf.map((inner) => (isSchema(inner) ? change(inner) : inner)) }),
  };
}

function isSchema(value: JsonSchema | boolean | undefined): value is JsonSchema {
  return typeof value === 'object';
}
