/**
 * What was typed and not yet saved survives a reload of the page, in this tab only and for the same person: on a
 * shared computer nobody finds another's marks.
 */

/** @param {string} name key of the group and person */
export function createDrafts(name) {
  return {
    /** @param {{ key: string, version: number, value: object }[]} drafts */
    keep(drafts) {
      try {
        if (drafts.length > 0) sessionStorage.setItem(name, JSON.stringify(drafts))
        else sessionStorage.removeItem(name)
      } catch {
        // No room or no permission: the page still warns before it is left.
      }
    },
    /** @returns {{ key: string, version: number, value: any }[]} */
    take() {
      try {
        const drafts = JSON.parse(sessionStorage.getItem(name) ?? '[]')
        return Array.isArray(drafts) ? drafts.filter((draft) => draft?.value && typeof draft.key === 'string') : []
      } catch {
        return []
      }
    },
  }
}
