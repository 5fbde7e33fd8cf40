import { settingAsSeen } from '../settings.ts'

/** What a kind of file is for, declared by the feature that takes it. */
export type FileUse = {
  /** Key of its name on the administrator's page. */
  label: string
  /** The largest file, in megabytes, until an administrator says otherwise. */
  megabytes: number
  /** More than this an administrator cannot allow: what is read as a whole. */
  most?: number
  /**
   * Whose room it takes: `person` for what anybody may send, `authority` for what is made for all (a library would fill
   * its author's own room at once). Both count towards the room of the authority.
   */
  room: 'person' | 'authority'
}

/** No store takes a larger file in one piece, and no browser gets one through a wireless network. */
export const MOST_MEGABYTES = 4000

let uses: Readonly<Record<string, FileUse>> = {}

export const setFileUses = (all: Record<string, FileUse>): void => {
  uses = all
}

export const fileUses = (): readonly [string, FileUse][] => Object.entries(uses)

/** @throws Error for a use that no feature declares */
export function fileUse(name: string): FileUse {
  const found = uses[name]
  if (!found) throw new Error(`No feature declares files for ${name}`)
  return found
}

/** The largest file for this use that is taken now, in megabytes. */
export function limitOf(name: string): number {
  const { megabytes, most = MOST_MEGABYTES } = fileUse(name)
  return Math.min(settingAsSeen('files').limits[name] ?? megabytes, most)
}
