import type { SearchAttributeType } from '../servers/temporal.ts';

/**
 * What a worker would add to the namespace itself. It uses those that it has just added only a minute and a half later;
 * here the first pass is to be found by them too.
 */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, SearchAttributeType>> = {
  InnervisorInstallation: 'Keyword',
  InnervisorRegion: 'Keyword',
  InnervisorOutcome: 'Keyword',
  InnervisorCreated: 'Int',
  InnervisorReplaced: 'Int',
  InnervisorDeleted: 'Int',
  InnervisorFailed: 'Double',
};
