import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, readable for their owner only. Node's own recursive form never returns where the
 * system refuses new folders with "no such file" (/proc), and this path comes from a form.
 * @throws the system's error
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/** Removes a file if it is there; where it could never be is as good. */
export function removeFile(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // A path through something that is not a folder.
  }
}
