import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Config, configFile, type DatabaseConfig, loadConfig } from '../server/config.ts'
import { makeFolder } from './checks/folders.ts'

/** What the file of the configuration holds. */
export interface StoredConfig {
  secret: string
  publicUrl?: string
  host?: string | undefined
  port?: number | undefined
  database: DatabaseConfig
}

/** Writes a file that only its owner may read, whole or not at all, even if the power fails meanwhile. */
export function writePrivateFile(file: string, text: string): void {
  makeFolder(dirname(file))
  const draft = `${file}.${process.pid}.tmp`
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, file)
}

/** The configuration as the process will see it, before it is written. @throws Error that names each wrong setting */
export const configFrom = (folder: string, stored: StoredConfig): Config => loadConfig(folder, stored)

/** Writes the configuration: from now on the system counts as installed. */
export function writeConfiguration(folder: string, stored: StoredConfig): void {
  configFrom(folder, stored)
  writePrivateFile(configFile(folder), `${JSON.stringify(stored, null, 2)}\n`)
}
