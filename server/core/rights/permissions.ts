let known: readonly string[] = []

/** Every permission that a feature declares, in the order of features. Set once at start. */
export const setKnownPermissions = (permissions: readonly string[]): void => {
  known = permissions
}

export const knownPermissions = (): readonly string[] => known
