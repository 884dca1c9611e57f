import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/**
 * What lists of passes are filtered by; their names are public API. A namespace whose visibility is kept in an SQL
 * database has room for only three whole numbers, so the fourth count is a `Double`.
 */
export const searchAttributes = {
  installation: defineSearchAttributeKey('InnervisorInstallation', SearchAttributeType.KEYWORD),
  region: defineSearchAttributeKey('InnervisorRegion', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('InnervisorOutcome', SearchAttributeType.KEYWORD),
  created: defineSearchAttributeKey('InnervisorCreated', SearchAttributeType.INT),
  replaced: defineSearchAttributeKey('InnervisorReplaced', SearchAttributeType.INT),
  deleted: defineSearchAttributeKey('InnervisorDeleted', SearchAttributeType.INT),
  failed: defineSearchAttributeKey('InnervisorFailed', SearchAttributeType.DOUBLE),
} as const;
