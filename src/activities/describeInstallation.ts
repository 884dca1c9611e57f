/** What a pass can't know by itself. */
export interface DescribedInstallation {
  readonly installation: string;
  /** Names of the search attributes that the server knows; setting another one would stop the pass. */
  readonly searchAttributes: readonly string[];
}

/** What {@link createDescription} is made with. */
export interface DescriptionDeps {
  readonly installation: string;
  /** Names of the search attributes that passes may set at this moment. */
  readonly listSearchAttributes: () => Promise<readonly string[]>;
}

/**
 * What a pass asks its worker besides its steps: to whom it belongs and by what lists can show it. It changes nothing and
 * is answered at once.
 */
export function createDescription({ installation, listSearchAttributes }: DescriptionDeps) {
  return {
    describeInstallation: async (): Promise<DescribedInstallation> => ({
      installation,
      searchAttributes: await listSearchAttributes(),
    }),
  };
}

/** What workflows see of it. */
export type Description = ReturnType<typeof createDescription>;
