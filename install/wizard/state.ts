import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UnavailableError } from '../../server/core/errors.ts'
import type { AdministratorInput, AuthorityAnswers, Content, DatabaseInput, MailAnswers } from '../answers.ts'
import { writePrivateFile } from '../configuration.ts'
import { keyFile } from './key.ts'

/** The administrator as remembered between pages: the password only as its hash. */
export type RememberedAdministrator = Omit<AdministratorInput, 'password'> & { passwordHash: string }

/**
 * What was answered so far. The passwords of the database and of the mail server are among it, since both are needed in
 * the end; the file is readable for its owner only and is removed with the last step.
 */
export interface SetupState {
  /** Names this installation, so that one that broke off recognises its own half-filled database. */
  id: string
  /** Becomes the secret of the installed system. */
  secret: string
  machineSeen?: boolean
  database?: DatabaseInput
  /** The database already holds a finished Integral, which is to be taken over as it is. */
  takeOver?: boolean
  authority?: AuthorityAnswers
  administrator?: RememberedAdministrator
  /** null: letters are to be set up later. */
  mail?: MailAnswers | null
  content?: Content
}

const fresh = (): SetupState => ({ id: randomUUID(), secret: randomBytes(32).toString('hex') })

const stateFile = (folder: string): string => join(folder, 'setup.json')

/** After the installation nothing of the wizard may remain: neither its key nor the passwords among the answers. */
export function removeTraces(folder: string): void {
  for (const file of [stateFile(folder), keyFile(folder)]) rmSync(file, { force: true })
}

/** Keeps the answers in the data folder, so that the wizard can be left and resumed, also by another process. */
export class SetupStore {
  readonly folder: string
  readonly #file: string
  #memory: SetupState

  constructor(folder: string) {
    this.folder = folder
    this.#file = stateFile(folder)
    this.#memory = this.read()
    this.#write(this.#memory)
  }

  /** The answers so far; a damaged file is as good as none. */
  read(): SetupState {
    try {
      if (existsSync(this.#file)) this.#memory = JSON.parse(readFileSync(this.#file, 'utf8'))
    } catch {
      // What could not be read is asked again.
    }
    this.#memory ??= fresh()
    return this.#memory
  }

  /** @throws UnavailableError if the data folder cannot be written */
  update(change: Partial<SetupState>): void {
    this.#memory = { ...this.read(), ...change }
    if (!this.#write(this.#memory)) throw new UnavailableError('install.state.unwritable')
  }

  #write(state: SetupState): boolean {
    try {
      writePrivateFile(this.#file, `${JSON.stringify(state, null, 2)}\n`)
      return true
    } catch {
      return false
    }
  }
}
